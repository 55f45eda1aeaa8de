"""What happens to enrollments and guardianships: added or removed.

A link is removed only when both its ends are in the source and active, so that archived records keep theirs for the day
they return,
and a person who was left out keeps everything. A link whose primary mark or relationship changes is removed and added.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from rosterdesk.directory.settings import Settings
from rosterdesk.staging import Staging


def plan(staging: Staging, settings: Settings, removable: AbstractSet[str]) -> None:
    """Make `plan.enrollments_added`, `_removed`, and the same for guardianships."""
    staging.execute(
        "create view plan.person as select no, id from plan.students union all select no, id from plan.staff"
    )
    staging.execute("""create view plan.enrollments_now as
        select c.id as classroom, p.id as person, e.is_student, e.is_primary
        from incoming.enrollments e
        join plan.classrooms c on c.no = e.classroom_no join plan.person p on p.no = e.person_no""")
    staging.execute(f"""create view plan.guardianships_now as
        select s.id as student, g.id as guardian, i.relationship
        from incoming.guardianships i
        join plan.students s on s.no = i.student_no join plan.guardians g on g.no = i.guardian_no
        where {str(settings.manage_guardians).lower()}""")
    staging.execute("""create table plan.enrollments_shielded as select c.id as classroom, p.id as person
        from incoming.unsure_enrollments u
        left join plan.classrooms c on c.no = u.classroom_no left join plan.person p on p.no = u.person_no""")
    staging.execute("""create table plan.guardianships_shielded as select s.id as student, g.id as guardian
        from incoming.unsure_guardianships u
        left join plan.students s on s.no = u.student_no left join plan.guardians g on g.no = u.guardian_no""")
    staging.execute("""create table plan.enrollments_deleted as select c.id as classroom, p.id as person
        from incoming.deleted_enrollments u
        join plan.classrooms c on c.no = u.classroom_no join plan.person p on p.no = u.person_no""")
    _compare(staging, "enrollments", ("classroom", "person", "is_student", "is_primary"), removable)
    _compare(staging, "guardianships", ("student", "guardian", "relationship"), removable)


def _compare(staging: Staging, name: str, columns: tuple[str, ...], removable: AbstractSet[str]) -> None:
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
    # A link that only changes must lose its old form even where nothing may be removed.
    changes = f"({left}, {right}) in (select ({left}, {right}) from plan.{name}_differ where added)"
    allowed = "true" if name in removable else changes
    if name == "enrollments":
        allowed = f"({allowed} or (classroom, person) in (select (classroom, person) from plan.enrollments_deleted))"
    shielded = f"""exists (select 1 from plan.{name}_shielded s
        where coalesce(s.{left}, d.{left}) = d.{left} and coalesce(s.{right}, d.{right}) = d.{right})"""
    staging.execute(f"""create table plan.{name}_removed as
        select {listed}, created_run from plan.{name}_differ d
        where not added and {both} and {allowed} and not {shielded}""")
    # A source may name a link twice. It is added once, and not beside one that stays.
    key, value = ", ".join(columns[:-1]), columns[-1]
    equal = " and ".join(f"a.{c} = d.{c}" for c in columns[:-1])
    staging.execute(f"""create table plan.{name}_added as
        select {key}, max({value}) as {value} from plan.{name}_differ where added group by {key}""")
    theirs = ", ".join(f"d.{c}" for c in columns[:-1])
    staging.execute(f"""delete from plan.{name}_added a using directory.{name} d
        where {equal} and ({theirs}) not in (select ({key}) from plan.{name}_removed)""")
    staging.execute(f"drop table plan.{name}_differ")
