"""The roster that is to be written, as one set of relations with text IDs, from the directory or from a source.

    roster.schools      sis_id, name, identifier
    roster.classrooms   id, title, grade, location, period, school
    roster.users        no, id, username, own, role, schools [], agents [], and `_COLUMNS`; username is the SIS ID
    roster.enrollments  class_id, school, user_id, username, role, is_primary
    roster.pairs        student_no, guardian_no, student_id, guardian_id: who is whose guardian

Every reference in them is closed: a link stands only where both its ends do, a school only where it is one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rosterdesk.errors import FileError
from rosterdesk.model import ENTITIES, FIELDS, PEOPLE
from rosterdesk.staging import Staging, literal

# What stands in the directory after the plan: `push.directory` makes these views. A link that people made counts like
# one of the sync, as far as both its ends are synced.
DIRECTORY = {
    **{e: f"select *, id as no from plan.after_{e} where status = 'active'" for e in ENTITIES},
    "enrollments": """select classroom as classroom_no, person as person_no, is_student, is_primary
        from (from plan.after_enrollments union all from plan.after_manual_enrollments)""",
    "guardianships": """select student as student_no, guardian as guardian_no
        from (from plan.after_guardianships union all from plan.after_manual_guardianships)""",
}
# What the checks let through.
INCOMING = {
    **{e: f"select *{'' if e in PEOPLE else ', rowid as no'} from incoming.{e}" for e in ENTITIES},
    "enrollments": """select classroom_no, person_no, is_student, bool_or(is_primary) as is_primary
        from incoming.enrollments group by all""",
    "guardianships": "select student_no, guardian_no from incoming.guardianships",
}

_SCHOOLS = ("school_sis_id", "other_school_sis_ids", "type")
_COLUMNS = (
    *("given_name", "family_name", "middle_name", "preferred_name", "email", "sms", "phone", "language"),
    *("grade", "student_number", "state_id", "birth_date", "gender"),
)
_ROLES = {"students": "'student'", "staff": "f.role", "guardians": "'guardian'"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What a layout can't hold. `merged`: one user may have several roles, so people of one SIS ID are one user."""

    merged: bool = False
    quotation_marks: bool = True


@dataclass(slots=True)
class Tally:
    """What had to give way: cells that were changed, and records that were left out, by kind of record."""

    mended: dict[str, int] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)


@contextmanager
def laid_out(staging: Staging, origin: dict[str, str], rules: Rules) -> Iterator[Tally]:
    """Make `roster.*` of the queries of an origin, for as long as the block lasts.

    Line breaks become spaces (the OneRoster binding allows none), and quotation marks typographic ones where a layout
    has none. An ID is never changed: a person or classroom whose ID holds such a character is left out. Raises
    `FileError` when it is a school's.
    """
    try:
        staging.execute("create schema roster")
        tally = Tally()
        for entity in ENTITIES:
            _records(staging, entity, origin[entity], rules, tally)
        staging.execute("""create view roster.classrooms as
            select no, sis_id, sis_id as id, title, grade, location, period, schools[1] as school
            from roster.from_classrooms""")
        _keys(staging, rules)
        _pairs(staging, origin["guardianships"], tally)
        _users(staging)
        _enrollments(staging, origin["enrollments"])
        yield tally
    finally:
        staging.con.execute("drop schema if exists roster cascade")


def _texts(entity: str) -> list[str]:
    return [*(f for f in FIELDS[entity] if f not in _SCHOOLS), *(["language"] if entity in PEOPLE else [])]


def _any(column: str, characters: str) -> str:
    return "(" + " or ".join(f"contains({column}, chr({ord(c)}))" for c in characters) + ")"


def _mended(column: str, rules: Rules, faulty: str) -> str:
    text = f"regexp_replace({column}, '[\\r\\n]+', ' ', 'g')"
    if not rules.quotation_marks:  # opening where a word begins, closing elsewhere
        text = f"""replace(regexp_replace({text}, '(^|[\\s(\\[])"', '\\1“', 'g'), '"', '”')"""
    return f"case when {_any(column, faulty)} then {text} else {column} end as {column}"


def _records(staging: Staging, entity: str, sql: str, rules: Rules, tally: Tally) -> None:
    """Make `roster.from_<entity>`: its records, with text that every file can hold."""
    faulty = "\r\n" if rules.quotation_marks else '\r\n"'
    texts = _texts(entity)
    counts = ", ".join(f"count(*) filter ({_any(f, faulty)})" for f in texts)
    left_out, *mended = staging.rows(f"select count(*) filter ({_any('sis_id', faulty)}), {counts} from ({sql})")[0]
    tally.left_out[entity], tally.mended[entity] = left_out, sum(mended)
    listed = "school_sis_id" in FIELDS[entity]
    schools = f", {_known_schools('other_school_sis_ids' in FIELDS[entity])} as schools" if listed else ""
    no = "" if entity == "schools" else "no, "
    staging.execute(f"""create view roster.from_{entity} as
        select {no}sis_id, {", ".join(_mended(f, rules, faulty) for f in texts)}{schools}
        from ({sql}) where not {_any("sis_id", faulty)}""")
    if entity != "schools":
        return
    staging.execute("create table roster.schools as select * from roster.from_schools order by sis_id")
    listless = int(staging.one("select count(*) from roster.schools where contains(sis_id, ',')"))
    if left_out or listless:
        raise FileError(
            "The SIS ID of a school holds a comma, a line break or a quotation mark.",
            "Files can't list such a school. Correct its ID in the SIS.",
            f"{left_out + listless} schools",
        )


def _known_schools(others: bool) -> str:
    """The record's schools in order: its own first, then the further ones sorted; only such as are in the roster."""
    first = "case when school_sis_id in (select sis_id from roster.schools) then [school_sis_id] else [] end"
    if not others:
        return first
    known = "(select coalesce(list(sis_id), []) from roster.schools)"
    rest = f"list_sort(list_intersect(string_split(other_school_sis_ids, chr(31)), {known}))"
    more = f"list_filter({rest}, lambda s: s is distinct from school_sis_id)"
    return f"list_concat({first}, case when other_school_sis_ids is null then [] else {more} end)"


def _keys(staging: Staging, rules: Rules) -> None:
    """Make `roster.key_<entity>`: the ID under which each record is written.

    One SIS ID may stand for a student, a member of staff and a guardian. Where a user has one role only, the later of
    these are written as `ID:staff` and `ID:guardian`, with one user name, by which receivers know them as one person.
    """
    staging.execute("create table roster.key_classrooms as select no, sis_id as id, school from roster.classrooms")
    earlier = "select null::varchar as sis_id where false"
    for entity in PEOPLE:
        name = literal(f":{entity.removesuffix('s')}")
        staging.execute(f"""create table roster.key_{entity} as
            select no, sis_id, own, case when own or {rules.merged} then sis_id else sis_id || {name} end as id
            from (select no, sis_id, sis_id not in ({earlier}) as own from roster.from_{entity})""")
        earlier += f" union all select sis_id from roster.key_{entity}"


def _pairs(staging: Staging, sql: str, tally: Tally) -> None:
    staging.execute(f"""create table roster.pairs as
        select student_no, guardian_no, s.id as student_id, g.id as guardian_id from ({sql})
        join roster.key_students s on s.no = student_no join roster.key_guardians g on g.no = guardian_no""")
    lost = "select count(*) from roster.pairs where contains(student_id, ',') and contains(guardian_id, ',')"
    tally.left_out["guardianships"] = int(staging.one(lost))


# A guardian belongs to the schools of the students, in whatever place the source lists the guardian.
_THEIR_SCHOOLS = """
select no, list_sort(list(school)) as schools from (
    select distinct p.guardian_no as no, unnest(s.schools) as school
    from roster.pairs p join roster.users s on s.no = p.student_no)
group by no
"""


def _users(staging: Staging) -> None:
    """Store `roster.users`, one kind after the other, so that no join is as large as the whole."""
    columns = ", ".join(f"{column} varchar" for column in _COLUMNS)
    staging.execute(f"""create table roster.users (no bigint, id varchar, username varchar, own boolean, role varchar,
        schools varchar[], agents varchar[], {columns})""")
    for entity in PEOPLE:
        fields = ", ".join(f"f.{c}" if c in _texts(entity) else "null" for c in _COLUMNS)
        schools, agents, joined = "f.schools", "null", ""
        if entity == "guardians":
            schools, joined = "coalesce(s.schools, [])", f"left join ({_THEIR_SCHOOLS}) s on s.no = f.no"
        if entity != "staff":
            agents, joined = "a.agents", f"{joined} left join ({_agents(entity)}) a on a.no = f.no"
        staging.execute(f"""insert into roster.users
            select f.no, k.id, k.sis_id, k.own, {_ROLES[entity]}, {schools}, {agents}, {fields}
            from roster.from_{entity} f join roster.key_{entity} k on k.no = f.no {joined}""")


def _agents(entity: str) -> str:
    """Whom each student or guardian lists. An ID with a comma can't stand in a list: only the other side lists then."""
    own, other = ("student", "guardian") if entity == "students" else ("guardian", "student")
    return f"""select {own}_no as no, list_sort(list({other}_id)) as agents
        from roster.pairs where not contains({other}_id, ',') group by {own}_no"""


def _enrollments(staging: Staging, sql: str) -> None:
    staging.execute(f"""create view roster.enrollments as
        select c.id as class_id, c.school, p.id as user_id, p.sis_id as username,
               case when e.is_student then 'student' else 'teacher' end as role, e.is_primary
        from ({sql}) e join roster.key_classrooms c on c.no = e.classroom_no
        join (select no, id, sis_id, true as is_student from roster.key_students
              union all select no, id, sis_id, false from roster.key_staff) p
        on p.no = e.person_no and p.is_student = e.is_student""")
