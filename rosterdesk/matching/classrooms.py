"""Which class of a roster is which manual classroom of the directory: by who is in it and who teaches it, then by name.

Nothing is changed here; `directory.adopting` gives a classroom its SIS ID.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from rosterdesk.directory import sight
from rosterdesk.directory.schema import RECORDS, classrooms, enrollments, schools
from rosterdesk.matching.proposals import Group
from rosterdesk.staging import Staging

# What agreement is worth; a pair is ready from `_READY` on, likely from `_LIKELY` on. This is judged: no true pairs are
# known to count in. The children in common weigh most, and a name alone is never enough.
_PUPILS, _TEACHER, _TITLE, _GRADE, _ROOM, _PERIOD = 5.0, 2.5, 2.0, 0.5, 1.0, 1.0
_READY, _LIKELY = 4.5, 2.5
_ALIKE = 0.75  # points by which the best must lead
# A room that holds only some of a class says less than one that holds all of it, and may be a group of it: then its
# name must be that of the class.
_PART, _PART_AT_LEAST = 0.8, 3


@dataclass(frozen=True, slots=True)
class Adoption:
    """A manual classroom and the class that it probably is.

    `adds` and `removes` name the students whom the next run puts in and takes out; `keeps` are those who stay because
    no sync knows them. `others` counts the classes and classrooms that come as near.
    """

    classroom: int
    title: str
    sis_id: str
    sis_title: str
    group: Group
    score: float
    reason: str
    adds: tuple[str, ...]
    removes: tuple[str, ...]
    keeps: tuple[str, ...]
    others: int


def adoptions(conn: sa.Connection, district: int, staging: Staging) -> tuple[Adoption, ...]:
    """For each active manual classroom that the person may see, the class of the roster that it is; the surest first.

    Needs `incoming.*` and `directory.*` in the staging.
    """
    staging.execute("create schema if not exists matching")
    if not _load(conn, district, staging):
        return ()
    _theirs(staging)
    choose(staging)
    found = []
    for row in staging.rows("""select room, title, sis_id, sis_title, score, others, sure, reason
            from matching.adoptable order by score desc, room"""):
        room, title, sis_id, sis_title, score, others, sure, reason = row
        group = Group.SEVERAL if others else Group.READY if sure else Group.LIKELY
        adds, removes, keeps = (_named(staging, which, room, sis_id) for which in (_ADDS, _REMOVES, _KEEPS))
        points = round(float(score), 2)
        found.append(Adoption(room, title, sis_id, sis_title, group, points, reason, adds, removes, keeps, int(others)))
    return tuple(found)


def choose(staging: Staging) -> None:
    """Make `matching.adoptable` of `matching.rooms`, `matching.classes` and their members: for each room the class that
    it is, one to one, whether that is sure, and how many others come as near."""
    staging.execute(_RATED)
    near = f"order by score desc range between unbounded preceding and {_ALIKE} following"
    staging.execute(f"""create or replace table matching.adoptable as
        with counted as (
            select *, score >= {_READY} and (pupils >= 0.5 or (teacher or part >= 0.8) and same_title) as sure,
                   count(*) over (partition by room {near}) + count(*) over (partition by sis_id {near}) - 2 as others,
                   row_number() over (partition by room order by score desc, sis_id) as of_room,
                   row_number() over (partition by sis_id order by score desc, room) as of_class
            from matching.rated)
        select * from counted where score >= {_LIKELY} and of_room = 1 and of_class = 1""")


def _load(conn: sa.Connection, district: int, staging: Staging) -> int:
    """Make `matching.rooms` and `matching.room_members` of the manual classrooms; return how many rooms."""
    school = (schools.c.district == classrooms.c.district) & (schools.c.id == classrooms.c.school)
    shown = [classrooms.c[name] for name in ("id", "title", "grade", "location", "period")]
    query = sa.select(*shown, schools.c.sis_id).join(schools, school, isouter=True)
    mine = (
        classrooms.c.district == district,
        classrooms.c.sis_id.is_(None),
        classrooms.c.status == "active",
        *sight.of(conn, district, classrooms),
    )
    rooms = conn.execute(query.where(*mine).order_by(classrooms.c.id)).all()
    columns = "room bigint, title varchar, grade varchar, location varchar, period varchar, school varchar"
    _fill(staging, "rooms", columns, rooms)
    members = []
    for at in range(0, len(rooms), 500):
        numbers = [room.id for room in rooms[at : at + 500]]
        for entity in ("students", "staff"):
            table = RECORDS[entity]
            person = (table.c.district == enrollments.c.district) & (table.c.id == enrollments.c.person)
            names = (table.c.given_name, table.c.family_name)
            who = sa.select(enrollments.c.classroom, enrollments.c.role, table.c.sis_id, *names).join(table, person)
            here = (enrollments.c.district == district, enrollments.c.classroom.in_(numbers))
            members += [tuple(row) for row in conn.execute(who.where(*here))]
    columns = "room bigint, role varchar, sis_id varchar, given varchar, family varchar"
    _fill(staging, "room_members", columns, members)
    return len(rooms)


def _theirs(staging: Staging) -> None:
    """Make `matching.classes` and `matching.class_members` of the classes that the directory does not have yet."""
    staging.execute("""create or replace table matching.classes as
        select i.rowid as no, i.sis_id, i.title, i.grade, i.location, i.period, i.school_sis_id as school
        from incoming.classrooms i where i.sis_id not in (select sis_id from directory.classrooms)""")
    staging.execute("""create or replace table matching.class_members as
        select c.sis_id as class, case when e.is_student then 'student' else 'teacher' end as role, p.sis_id,
               p.given_name as given, p.family_name as family
        from matching.classes c join incoming.enrollments e on e.classroom_no = c.no
        join incoming.person p on p.no = e.person_no""")


_FOLDED = "nullif(regexp_replace(lower(strip_accents({0})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g'), '')"
# Of a title the words that matter, as patterns and what they become: no period, no year, and numbers as numbers.
_PERIOD_IN = "\\b(?:p|per|period)\\.? ?([0-9]+)\\b"
_TITLE_WORDS = (
    *((_PERIOD_IN, " "), ("\\b20[0-9]{2}\\b", " "), ("[^\\p{L}\\p{N}]+", " ")),
    *(("\\biii\\b", "3"), ("\\bii\\b", "2"), ("\\bi\\b", "1")),
)
_WHO = "list_distinct(list({0}) filter ({0} is not null))"


def _sides(role: str) -> str:
    """Of either side, who is in a class in this role: SIS IDs, and folded names."""
    name = _FOLDED.format("concat_ws(' ', given, family)")
    return f"""
        select room, {_WHO.format("sis_id")} as ids, {_WHO.format(name)} as names
        from matching.room_members where role = '{role}' group by room"""


def _classes(role: str) -> str:
    return (
        _sides(role)
        .replace("select room", "select class")
        .replace("room_members", "class_members")
        .replace("group by room", "group by class")
    )


def _titled(table: str) -> str:
    """The rooms or classes with what their titles tell: the words, and the period where no column has it."""
    title = "lower(strip_accents(title))"
    for pattern, word in _TITLE_WORDS:
        title = f"regexp_replace({title}, '{pattern}', '{word}', 'g')"
    period = f"coalesce(period, regexp_extract(lower(title), '{_PERIOD_IN}', 1))"
    return f"""
        select *, nullif(trim({title}), '') as words, {_FOLDED.format("location")} as place,
               {_FOLDED.format(period)} as hour from matching.{table}"""


_SHARED = "greatest(len(list_intersect(rp.ids, cp.ids)), len(list_intersect(rp.names, cp.names)))"
_RATED = f"""create or replace table matching.rated as
    with r_pupils as ({_sides("student")}), c_pupils as ({_classes("student")}),
    r_teachers as ({_sides("teacher")}), c_teachers as ({_classes("teacher")}),
    ours as ({_titled("rooms")}), theirs as ({_titled("classes")}),
    compared as (
        select r.room, r.title, c.sis_id, c.title as sis_title, coalesce({_SHARED}, 0) as shared,
            coalesce(shared / greatest(len(rp.names), len(cp.names), 1), 0)::double as pupils,
            case when shared >= {_PART_AT_LEAST} then shared / greatest(len(rp.names), 1) else 0 end::double as part,
            coalesce(list_has_any(rt.ids, ct.ids) or list_has_any(rt.names, ct.names), false) as teacher,
            coalesce(r.words = c.words, false) as same_title,
            coalesce(jaro_winkler_similarity(r.words, c.words), 0) as alike,
            coalesce(r.grade = c.grade, false) as grade,
            coalesce(r.place = c.place, false) as location, coalesce(r.hour = c.hour, false) as period
        from ours r join theirs c on r.school is null or c.school is null or r.school = c.school
        left join r_pupils rp on rp.room = r.room left join c_pupils cp on cp.class = c.sis_id
        left join r_teachers rt on rt.room = r.room left join c_teachers ct on ct.class = c.sis_id)
    select *, {_PUPILS} * greatest(pupils, {_PART} * part) + {_TEACHER} * teacher::int + {_GRADE} * grade::int
            + {_ROOM} * location::int + {_PERIOD} * period::int
            + {_TITLE} * case when same_title then 1 when alike > 0.9 then 0.5 else 0 end as score,
        concat_ws(', ', case when pupils > 0 then round(100 * pupils)::int || ' % of the students in common' end,
            case when teacher then 'same teacher' end,
            case when same_title then 'same name' when alike > 0.9 then 'nearly the same name' end,
            case when grade then 'same grade' end, case when location then 'same room' end,
            case when period then 'same period' end) as reason
    from compared where pupils > 0 or teacher or same_title"""

_THEIR = "select sis_id from matching.class_members where class = $class and role = 'student'"
_OURS = "select sis_id from matching.room_members where room = $room and role = 'student' and sis_id is not null"
_ADDS = f"matching.class_members where class = $class and role = 'student' and sis_id not in ({_OURS})"
_REMOVES = f"matching.room_members where room = $room and role = 'student' and sis_id not in ({_THEIR})"
_KEEPS = "matching.room_members where room = $room and role = 'student' and sis_id is null and $class is not null"


def _named(staging: Staging, where: str, room: int, sis_id: str) -> tuple[str, ...]:
    query = f"select distinct concat_ws(' ', given, family) as name from {where} order by name"
    return tuple(name for (name,) in staging.rows(query, {"room": room, "class": sis_id}))


def _fill(staging: Staging, table: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
    staging.execute(f"create or replace table matching.{table} ({columns})")
    marks = ", ".join("?" * (columns.count(",") + 1))
    if rows:
        staging.con.executemany(f"insert into matching.{table} values ({marks})", [list(row) for row in rows])
