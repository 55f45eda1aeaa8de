"""What happens to enrollments and guardianships: added or removed.

A link that is absent is removed only when both its ends are in the source and active, so that archived records keep
theirs for the day they return, and a person who was left out keeps everything. A link whose primary mark or
relationship changes is removed and added. A link that people made stays theirs, whether or not the source has it too:
it is neither made a second time nor ever removed here (ClassTag help: staff, guardians and join codes beside the sync).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rosterdesk.directory.settings import Settings
from rosterdesk.planning import holding
from rosterdesk.staging import Staging

_COLUMNS = {
    "enrollments": ("classroom", "person", "is_student", "is_primary"),
    "guardianships": ("student", "guardian", "relationship"),
}


def plan(staging: Staging, settings: Settings, removable: AbstractSet[str]) -> None:
    """Make `plan.enrollments_added`, `_removed`, and the same for guardianships."""
    staging.execute(
        "create view plan.person as select no, id from plan.students union all select no, id from plan.staff"
    )
    borrowed = _ends(staging)
    staging.execute("""create view plan.enrollments_now as
        select c.id as classroom, p.id as person, e.is_student, e.is_primary
        from incoming.enrollments e
        join plan.classroom_ends c on c.no = e.classroom_no join plan.person_ends p on p.no = e.person_no""")
    staging.execute(f"""create view plan.guardianships_now as
        select s.id as student, g.id as guardian, i.relationship
        from incoming.guardianships i
        join plan.student_ends s on s.no = i.student_no join plan.guardian_ends g on g.no = i.guardian_no
        where {holding.family(staging, settings)}""")
    staging.execute("""create table plan.enrollments_shielded as select c.id as classroom, p.id as person
        from incoming.unsure_enrollments u
        left join plan.classrooms c on c.no = u.classroom_no left join plan.person p on p.no = u.person_no""")
    staging.execute("""create table plan.guardianships_shielded as select s.id as student, g.id as guardian
        from incoming.unsure_guardianships u
        left join plan.students s on s.no = u.student_no left join plan.guardians g on g.no = u.guardian_no""")
    holding.shield(staging, settings)
    staging.execute("""create table plan.enrollments_deleted as select c.id as classroom, p.id as person
        from incoming.deleted_enrollments u
        join plan.classroom_ends c on c.no = u.classroom_no join plan.person_ends p on p.no = u.person_no""")
    for name, columns in _COLUMNS.items():
        _compare(staging, name, columns, removable, borrowed=borrowed)


def _ends(staging: Staging) -> bool:
    """Make `plan.<end>_ends` (no, id): what is in the source, and what only the directory has but the source names;
    return whether there is any of the latter.
    """
    borrowed = bool(staging.one("select count(*) from incoming.referred"))
    for end, (relation, entities) in {
        "classroom": ("plan.classrooms", "'classrooms'"),
        "person": ("plan.person", "'students', 'staff'"),
        "student": ("plan.students", "'students'"),
        "guardian": ("plan.guardians", "'guardians'"),
    }.items():
        more = f"union all select no, id from incoming.referred where entity in ({entities})" if borrowed else ""
        staging.execute(f"create view plan.{end}_ends as select no, id from {relation} {more}")
    return borrowed


def _compare(
    staging: Staging, name: str, columns: tuple[str, ...], removable: AbstractSet[str], *, borrowed: bool
) -> None:
    listed = ", ".join(columns)
    chosen = ", ".join(f"coalesce(n.{c}, d.{c}) as {c}" for c in columns)
    same = " and ".join(f"n.{c} is not distinct from d.{c}" for c in columns)
    staging.execute(f"""create table plan.{name}_differ as
        select {chosen}, d.created_run, d.{columns[0]} is null as added
        from plan.{name}_now n full join directory.{name} d on {same}
        where n.{columns[0]} is null or d.{columns[0]} is null""")
    left, right = columns[:2]
    ends = {
        "classroom": "plan.classrooms",
        "person": "plan.person",
        "student": "plan.students",
        "guardian": "plan.guardians",
    }
    both = f"{left} in (select id from {ends[left]}) and {right} in (select id from {ends[right]})"
    allowed = [both] if name in removable else []
    if borrowed or not allowed:  # else these are among them already
        # A link that only changes must lose its old form even where nothing may be removed.
        allowed.append(f"({left}, {right}) in (select ({left}, {right}) from plan.{name}_differ where added)")
        if name == "enrollments":
            allowed.append("(classroom, person) in (select (classroom, person) from plan.enrollments_deleted)")
    shielded = f"""exists (select 1 from plan.{name}_shielded s
        where coalesce(s.{left}, d.{left}) = d.{left} and coalesce(s.{right}, d.{right}) = d.{right})"""
    staging.execute(f"""create table plan.{name}_removed as
        select {listed}, created_run from plan.{name}_differ d
        where not added and ({" or ".join(allowed)}) and not {shielded}""")
    # A source may name a link twice. It is added once, and not beside one that stays.
    key, value = ", ".join(columns[:-1]), columns[-1]
    equal = " and ".join(f"a.{c} = d.{c}" for c in columns[:-1])
    staging.execute(f"""create table plan.{name}_added as
        select {key}, max({value}) as {value} from plan.{name}_differ where added group by {key}""")
    theirs = ", ".join(f"d.{c}" for c in columns[:-1])
    staging.execute(f"""delete from plan.{name}_added a using directory.{name} d
        where {equal} and ({theirs}) not in (select ({key}) from plan.{name}_removed)""")
    if staging.one(f"select count(*) from directory.manual_{name}"):
        staging.execute(f"delete from plan.{name}_added a using directory.manual_{name} d where {equal}")
    staging.execute(f"drop table plan.{name}_differ")
