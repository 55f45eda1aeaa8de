"""The middle step of an undo: what the run created is deleted, together with every link of the records that go."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from rosterdesk.directory.changed import NAMED, AllLeft, Left
from rosterdesk.directory.schema import LINKS, RECORDS, changes, metadata, schools

_CREATED = (*RECORDS, "accounts", *LINKS, "grants")  # every table whose rows say which run created them
# The schools that the run created and that nothing needs any more.
_UNUSED = (
    "select id from schools where district = :district and created_run = :run and id not in ("
    + " union ".join(
        f"select school from {name} where district = :district and school is not null"
        for name in ("classrooms", "students", "staff")
    )
    + ")"
)


def did_anything(conn: sa.Connection, district: int, run: int) -> bool:
    """Whether the run changed, removed or created anything that is still there."""
    changed = sa.select(changes.c.run).where(changes.c.district == district, changes.c.run == run).limit(1)
    if conn.execute(changed).first() is not None:
        return True
    return any(_created(conn, name, {"district": district, "run": run}) for name in _CREATED)


def delete_created(conn: sa.Connection, district: int, run: int) -> tuple[dict[str, int], AllLeft]:
    """Delete what the run created; return how many rows went, by entity, and the schools that had to stay.

    A school stays while records that the run did not create are in it. An account that goes leaves its people as
    invitees.
    """
    of = {"district": district, "run": run}
    created = {name for name in _CREATED if _created(conn, name, of)}
    counts: dict[str, int] = {}
    for link, ends in LINKS.items():
        gone = [
            f"{column} in (select id from {name} where district = :district and created_run = :run)"
            for column, names in ends.items()
            for name in names
            if name in created and name != schools.name
        ]
        if link in created or gone:
            counts[link] = _delete(conn, link, gone, of)
    if "accounts" in created:
        for people in ("staff", "guardians", "students"):
            members = "account in (select id from accounts where district = :district and created_run = :run)"
            conn.execute(sa.text(f"update {people} set account = null where district = :district and {members}"), of)
    for name in ("classrooms", "students", "staff", "guardians", "accounts", "grants"):
        if name in created:
            counts[name] = _delete(conn, name, [], of)
    if "schools" not in created:
        return counts, AllLeft()
    for name in ("other_schools", "settings", "grants"):
        gone_with = conn.execute(
            sa.text(f"delete from {name} where district = :district and school in ({_UNUSED})"), of
        )
        counts[name] = counts.get(name, 0) + gone_with.rowcount
    result = conn.execute(sa.text(f"delete from schools where district = :district and id in ({_UNUSED})"), of)
    counts["schools"] = result.rowcount
    kept = sa.select(schools.c.id).where(schools.c.district == district, schools.c.created_run == run).order_by("id")
    ids = conn.execute(kept).scalars().all()
    return counts, AllLeft(len(ids), tuple(Left("schools", record, None) for record in ids[:NAMED]))


def _created(conn: sa.Connection, name: str, of: Mapping[str, int]) -> bool:
    query = f"select 1 from {name} where district = :district and created_run = :run limit 1"
    return conn.execute(sa.text(query), of).first() is not None


def _delete(conn: sa.Connection, name: str, gone: list[str], of: Mapping[str, int]) -> int:
    """Delete the run's rows of a table, and those that name what goes; return how many."""
    others = f"select 1 from {name} where district <> :district or created_run <> :run limit 1"
    if conn.dialect.name == "sqlite" and conn.execute(sa.text(others), of).first() is None:
        # Nothing else is in the table: without a condition SQLite drops its pages whole, however many rows they hold.
        count = int(conn.execute(sa.select(sa.func.count()).select_from(metadata.tables[name])).scalar_one())
        conn.exec_driver_sql(f"delete from {name}")
        return count
    which = " or ".join(["created_run = :run", *gone])
    return conn.execute(sa.text(f"delete from {name} where district = :district and ({which})"), of).rowcount
