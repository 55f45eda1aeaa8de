"""The last step of an undo: the links that the run removed come back, with the values they had."""

from __future__ import annotations

import sqlalchemy as sa

from rosterdesk.directory.changed import OF_RUN, AllLeft, Json, left_alone
from rosterdesk.directory.schema import LINKS, metadata


def put_back(conn: sa.Connection, district: int, run: int) -> tuple[dict[str, int], AllLeft]:
    """Put back the links that the run removed; return how many, by kind, and which could not return.

    A link stays away when it was made anew since, when one of its ends is gone, or when the run that made it was taken
    back. What the run both made and removed was not there before it.
    """
    of = {"district": district, "run": run}
    json = Json.of(conn)
    counts: dict[str, int] = {}
    left = AllLeft()
    for link, ends in {**LINKS, "grants": {}}.items():
        columns = [column for column in metadata.tables[link].c if column.name != "district"]
        key = [column for column in metadata.tables[link].primary_key if column.name != "district"]
        row = ", ".join(f"{json.column('before', column)} as {column.name}" for column in columns)
        removed = (
            f"select c.record, {row} from changes c where {OF_RUN} and c.entity = '{link}' and c.action = 'remove'"
        )
        source = f"from (select * from ({removed}) y where created_run <> :run) x"
        same = " and ".join(f"t.{column.name} = x.{column.name}" for column in key)
        reasons = [
            f"exists (select 1 from {link} t where t.district = :district and {same})",
            "x.created_run in (select r.run from runs r where r.district = :district and r.state = 'undone')",
        ]
        for end, tables in ends.items():
            found = [
                f"exists (select 1 from {name} t where t.district = :district and t.id = x.{end})" for name in tables
            ]
            reasons.append(f"not ({' or '.join(found)})")
        left += left_alone(conn, f"{source} where {' or '.join(reasons)}", link, None, of)
        names = ", ".join(column.name for column in columns)
        insert = f"insert into {link} (district, {names}) select :district, {names} {source}"
        counts[link] = conn.execute(sa.text(f"{insert} where not ({' or '.join(reasons)})"), of).rowcount
    return counts, left
