"""The first step of an undo: the values that the run changed return to what they were.

A value returns only where the present one still is the one that the run left; all of it set-wise, in the database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import sqlalchemy as sa

from rosterdesk.directory import elsewhere
from rosterdesk.directory.changed import OF_RUN, AllLeft, Json, left_alone
from rosterdesk.directory.schema import RECORDS, metadata, settings

# A push writes down where people belong by SIS IDs, as its files do.
_SCHOOL = "school_sis_id"


def revert(conn: sa.Connection, district: int, run: int) -> tuple[dict[str, int], AllLeft]:
    """Put back the values that the run changed; return how many, by entity, and what was left alone."""
    of = {"district": district, "run": run}
    json = Json.of(conn)
    counts: Counter[str] = Counter()
    left = AllLeft()
    for entity, field in json.fields(conn, of):
        if entity == settings.name:
            continue
        if field == elsewhere.FIELD:
            count, more = elsewhere.revert(conn, entity, of)
        else:
            count, more = _revert_field(conn, json, entity, field, of)
        counts[entity] += count
        left += more
    for entity in RECORDS:
        count, more = _revert_status(conn, entity, of)
        counts[entity] += count
        left += more
    counts[settings.name] = _revert_settings(conn, json, of)
    return dict(counts), left


def _revert_field(
    conn: sa.Connection, json: Json, entity: str, field: str, of: Mapping[str, int]
) -> tuple[int, AllLeft]:
    table = metadata.tables[entity]
    if field == _SCHOOL:
        before, after = json.value("before", field), json.value("after", field)
        target, present, value = "school", _school("sis_id", "s.id = t.school"), _school("id", f"s.sis_id = {before}")
    elif field in table.c and not table.c[field].primary_key:
        before, after = json.column("before", table.c[field]), json.column("after", table.c[field])
        target, present, value = field, f"t.{field}", before
    else:  # the key of a link, whose change holds the whole row
        return 0, AllLeft()
    # The action says it of a record's state, below. Most fields of a link's row did not change at all.
    actions = "c.action = 'update'" if field == "status" else "c.action <> 'remove'"
    these = f"c.entity = '{entity}' and {actions} and {json.has(field)} and {before} is distinct from {after}"
    if entity in RECORDS:
        same = "t.id = c.record"
    else:
        keys = [column for column in table.primary_key if column.name != "district"]
        same = " and ".join(f"t.{column.name} = {json.column('after', column)}" for column in keys)
    return _put(conn, entity, target, value, f"{present} is not distinct from {after}", these, same, of)


def _revert_status(conn: sa.Connection, entity: str, of: Mapping[str, int]) -> tuple[int, AllLeft]:
    counts, left = 0, AllLeft()
    for action, before, after in (("archive", "active", "archived"), ("restore", "archived", "active")):
        these = f"c.entity = '{entity}' and c.action = '{action}'"
        count, more = _put(conn, entity, "status", f"'{before}'", f"t.status = '{after}'", these, "t.id = c.record", of)
        counts, left = counts + count, left + more
    return counts, left


def _put(
    conn: sa.Connection, entity: str, field: str, value: str, holds: str, these: str, same: str, of: Mapping[str, int]
) -> tuple[int, AllLeft]:
    """Set a field in the rows `t` of the changes `c` that still hold what the run left; tell of the others."""
    where = f"{OF_RUN} and {these}"
    left = left_alone(
        conn,
        f"from changes c left join {entity} t on t.district = :district and {same} "
        f"where {where} and (t.district is null or not ({holds}))",
        entity,
        field,
        of,
    )
    update = f"update {entity} as t set {field} = {value} from changes c"
    result = conn.execute(sa.text(f"{update} where {where} and t.district = :district and {same} and {holds}"), of)
    return result.rowcount, left


def _school(column: str, where: str) -> str:
    return f"(select s.{column} from schools s where s.district = :district and {where})"


def _revert_settings(conn: sa.Connection, json: Json, of: Mapping[str, int]) -> int:
    """Settings are few: one at a time."""
    name, value = settings.c.name, settings.c.value
    columns = ", ".join((json.column("after", name), json.column("before", value), json.column("after", value)))
    rows = conn.execute(
        sa.text(f"select c.record, {columns} from changes c where {OF_RUN} and c.entity = 'settings'"), of
    ).all()
    count = 0
    for school, setting, before, after in rows:
        here = (settings.c.district == of["district"], settings.c.school == school, name == setting)
        if conn.execute(sa.select(value).where(*here)).scalar() != after:
            continue
        conn.execute(settings.delete().where(*here))
        if before is not None:
            conn.execute(settings.insert().values(district=of["district"], school=school, name=setting, value=before))
        count += 1
    return count
