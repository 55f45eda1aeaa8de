"""The changes of a plan as lists that people go through: what is archived first, who gains or loses sight of whom, and
what was left out.
"""

from __future__ import annotations

from rosterdesk.planning.summary import HEADER, describe
from rosterdesk.staging import Staging, literal

# What was set by hand is listed where it is kept, and where the source has the last word.
_ACTIONS = {
    "archived": ("archive",),
    "new": ("create",),
    "changed": ("update", "overwrite"),
    "back": ("restore",),
    "kept": ("keep", "overwrite"),
}
# A longer list is laid out by what happens, and in the order of the plan, unless a person asks for another order:
# sorting millions of rows takes long, and more memory than a run may have.
SORTED_UNASKED = 100_000
_PARTS = {
    "families": ("action = 'remove'", "action = 'add'"),
    "all": ("rank = 0", "rank = 1", "rank = 2", "rank = 3"),
}
LISTS = ("archived", "families", "changed", "new", "back", "kept", "left out", "all")
_COLUMNS = ", ".join(HEADER)
_KINDS = ("students", "guardians", "staff", "schools", "classrooms", "guardianships", "enrollments")
_FAMILIES = """
    select case when l.added then 'add' else 'remove' end as action, l.relationship as field,
           s.sis_id, s.name, s.school, g.sis_id as guardian_sis_id, g.name as guardian, s.there and g.there as known
    from (select student, guardian, relationship, true as added from plan.guardianships_added union all
          select student, guardian, relationship, false from plan.guardianships_removed) l
    join plan.named_students s on s.id = l.student join plan.named_guardians g on g.id = l.guardian"""


def prepare(staging: Staging) -> dict[str, int]:
    """Make what the lists need, and return how long each is."""
    describe(staging)
    for people in ("students", "guardians"):
        school = {c: f"{c}.school_sis_id" if people == "students" else "null::varchar" for c in "id"}
        staging.execute(f"""create or replace view plan.named_{people} as
            select d.id, d.sis_id, concat_ws(' ', d.given_name, d.family_name) as name, {school["d"]} as school,
                   true as there
            from directory.{people} d union all
            select p.id, i.sis_id, concat_ws(' ', i.given_name, i.family_name), {school["i"]}, false
            from plan.{people} p join incoming.{people} i on i.no = p.no where p.created""")
    counts = dict.fromkeys(LISTS, 0)
    actions = dict(staging.rows("select action, count(*) from plan.changes group by action"))
    counts |= {name: sum(int(actions.get(action, 0)) for action in taken) for name, taken in _ACTIONS.items()}
    counts["families"] = int(staging.one(f"select count(*) from ({_FAMILIES})"))
    counts["left out"] = int(staging.one("select count(*) from problems where severity = 'error'"))
    counts["all"] = sum(int(count) for count in actions.values())
    return counts


def lay_out(
    staging: Staging, name: str, *, words: str = "", school: str = "", sort: str = "", descending: bool = False
) -> int:
    """Make the table `plan.listed` of a list as it is looked at (see `listed`), in order; return how long it is.

    Its pages are found by their `rowid`, which costs the same wherever in the list they are.
    """
    found = f"({_sql(name)}){_where(words, school)}"
    columns = f"{_COLUMNS}, rank::bigint as rank"
    staging.execute(f"create or replace table plan.listed as select {columns} from {found} limit 0")
    # One part after the other, so that what is taken away stands first.
    for part in _PARTS.get(name, ("true",)):
        staging.execute(f"insert into plan.listed select * from (select {columns} from {found}) where {part}")
    count = int(staging.one("select count(*) from plan.listed"))
    if sort or count <= SORTED_UNASKED:
        order = _order(sort, descending=descending)
        staging.execute(f"create or replace table plan.listed as select * from plan.listed order by {order}")
    return count


def page(offset: int, limit: int) -> str:
    """The SQL of a page of what `lay_out` has made, with the columns of `summary.HEADER`."""
    return f"select {_COLUMNS} from plan.listed where rowid >= {offset} and rowid < {offset + limit} order by rowid"


def listed(name: str, *, words: str = "", school: str = "", sort: str = "", descending: bool = False) -> str:
    """The SQL of a list, with the columns of `summary.HEADER`, as it is looked at: with some words in it, of one
    school, sorted by a column.
    """
    return f"""select {_COLUMNS} from ({_sql(name)}){_where(words, school)}
        order by {_order(sort, descending=descending)}"""


def _where(words: str, school: str) -> str:
    conditions = [
        f"concat_ws(' ', school, sis_id, name, field, before, after) ilike {literal(f'%{_escaped(word)}%')} escape '\\'"
        for word in words.split()
    ]
    if school:
        conditions.append(f"school = {literal(school)}")
    return f" where {' and '.join(conditions)}" if conditions else ""


def _order(sort: str, *, descending: bool) -> str:
    order = f"{sort} {'desc' if descending else 'asc'}, " if sort in HEADER else ""
    kinds = ", ".join(literal(record) for record in _KINDS)
    return f"{order}rank, list_position([{kinds}], record), record, school, name, sis_id, field"


def _escaped(word: str) -> str:
    return "".join(f"\\{c}" if c in "\\%_" else c for c in word)


def _sql(name: str) -> str:
    if name == "families":
        # Where both were there before, somebody's sight changes; where one is new, a family comes.
        return f"""select 'guardianships' as record, action, coalesce(d.name, f.school) as school,
            f.sis_id, f.name, field,
            null::varchar as before, guardian as after,
            case when action = 'remove' then 0 when known then 1 else 2 end as rank
            from ({_FAMILIES}) f
            left join (select sis_id, any_value(name) as name from (
                select sis_id, name from incoming.schools union all select sis_id, name from directory.schools)
                group by sis_id) d on d.sis_id = f.school"""
    if name == "left out":
        return """select table_name as record, 'keep' as action, null::varchar as school,
            "row"::varchar as sis_id, value as name, column_name as field,
            null::varchar as before, message as after, ref as rank from problems where severity = 'error'"""
    taken = ", ".join(literal(action) for action in _ACTIONS.get(name, ()))
    only = f" where action in ({taken})" if taken else ""
    rank = (
        "case action when 'archive' then 0 when 'remove' then 1 when 'overwrite' then 2 when 'update' then 2 else 3 end"
    )
    return f"select {_COLUMNS}, {rank} as rank from plan.changes{only}"
