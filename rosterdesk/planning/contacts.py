"""Which contacts of a student come in: those of the relationships and types that the student's school, or else the
district, has set, and those of whom the source tells neither.
"""

from __future__ import annotations

from rosterdesk.directory import ownership
from rosterdesk.directory.settings import Settings
from rosterdesk.staging import Staging, literal

UNRELATED = "plan.unrelated"  # student_no, guardian_no: pairs of incoming.guardianships that don't come in
_TYPES = "incoming.contact_types"
# Below zero stands a record that only the directory has.
_STUDENTS = """(select no, sis_id, school_sis_id from incoming.students union all
    select r.no, r.sis_id, d.school_sis_id from incoming.referred r join directory.students d on d.id = r.id
    where r.entity = 'students')"""
_GUARDIANS = """(select no, sis_id from incoming.guardians union all
    select no, sis_id from incoming.referred where entity = 'guardians')"""


def prepare(staging: Staging, settings: Settings) -> None:
    """Make `UNRELATED`, if any setting leaves anybody out."""
    by_school = staging.has(ownership.CONTACTS)
    typed = staging.has(_TYPES)
    values = {"contact_relationships": "g.relationship"} | ({"contact_types": "t.contact_type"} if typed else {})
    conditions, joins = [], [f"left join {_STUDENTS} s on s.no = g.student_no"]
    if typed:
        joins += [
            f"left join {_GUARDIANS} c on c.no = g.guardian_no",
            f"left join {_TYPES} t on t.student_sis_id = s.sis_id and t.sis_id = c.sis_id",
        ]
    for name, value in values.items():
        words = getattr(settings, name)
        said = f"lower(trim({value}))"
        wide = f"{said} in ({', '.join(literal(word) for word in words)})" if words else "true"
        if by_school:
            joins.append(f"""left join (select sis_id, list(word) as words from {ownership.CONTACTS}
                where name = '{name}' group by sis_id) {name} on {name}.sis_id = s.school_sis_id""")
            here = f"list_has_any({name}.words, ['', {said}])"  # '' stands for all of them
            conditions.append(f"({value} is null or case when {name}.words is null then {wide} else {here} end)")
        elif words:
            conditions.append(f"({value} is null or {wide})")
    if conditions:
        # A pair that stands on several rows comes in by any of them.
        staging.execute(f"""create table {UNRELATED} as select g.student_no, g.guardian_no
            from incoming.guardianships g {" ".join(joins)}
            group by g.student_no, g.guardian_no having not bool_or({" and ".join(conditions)})""")


def come_in(staging: Staging, row: str) -> str:
    """The condition that a row of `incoming.guardianships` comes in."""
    if not staging.has(UNRELATED):
        return "true"
    return f"(({row}.student_no, {row}.guardian_no) not in (select (student_no, guardian_no) from {UNRELATED}))"
