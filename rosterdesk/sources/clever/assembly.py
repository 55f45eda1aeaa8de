"""Makes the roster's files of Clever's flat rows: the IDs that people get, which contacts come, which school is whose.

Written as Clever's own SFTP files are, with the guardians and attributes in ClassTag's layout, so that they go the way
of files.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from rosterdesk.errors import FileError
from rosterdesk.sources.clever.rows import COLUMNS
from rosterdesk.staging import literal

HOMEROOM = "homeroom/advisory"
EMERGENCY = frozenset({"emergency"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What of Clever's data becomes the roster. Lists hold small letters; empty: all."""

    all_schools: bool = True
    homeroom_only: bool = False
    subjects: frozenset[str] = frozenset()
    guardians: bool = True
    relationships: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    left_out_types: frozenset[str] = EMERGENCY
    district_staff: bool = True
    schools_table: Path | None = None


def assemble(raw: Mapping[str, Path], folder: Path, choices: Choices, remembered: Path) -> tuple[list[Path], list[str]]:
    """Write the files; return them, and what is to be told. Raises `FileError` for a table of schools that is wrong."""
    with duckdb.connect(":memory:", config={"memory_limit": "600MB", "temp_directory": str(folder / ".spill")}) as con:
        for name, path in raw.items():
            columns = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in COLUMNS[name])
            con.execute(f"""create view {name} as select {", ".join(f"coalesce({c}, '') as {c}" for c in COLUMNS[name])}
                from read_csv({literal(str(path))}, auto_detect = false, header = true, delim = ',', quote = '"',
                              escape = '"', strict_mode = true, max_line_size = 64000000, columns = {{{columns}}})""")
        _rules(con, choices.schools_table)
        con.execute(_KEPT_SECTIONS.format(where=_wanted(choices)))
        for statement in (
            _STUDENT_SCHOOLS.format(primary="" if choices.all_schools else "where place = 1"),
            _SECTION_SCHOOLS,
            _STAFF_SCHOOLS,
        ):
            con.execute(statement)
        _made_ids(con, remembered)
        con.execute(
            _GUARDIANS.format(
                relationship=_among("relationship", choices.relationships),
                type=_among("type", choices.types),
                without=_none_of("type", choices.left_out_types),
            )
        )
        written = dict(_FILES)
        if not choices.district_staff:
            written["staff"] += " and p.kind <> 'district_admin'"
        if not choices.guardians:
            del written["guardians"]
        _remember(con, folder, remembered)
        files = []
        for name, query in written.items():
            path = folder / f"{name}.csv"
            con.execute(f"copy ({query} order by all) to {literal(str(path))} (format csv, header true, force_quote *)")
            files.append(path)
        return files, _notes(con, choices)


def _wanted(choices: Choices) -> str:
    wanted = frozenset({HOMEROOM}) if choices.homeroom_only else choices.subjects
    return _among("subject", wanted)


def _among(column: str, words: frozenset[str]) -> str:
    return f"lower({column}) in ({', '.join(map(literal, sorted(words)))})" if words else "true"


def _none_of(column: str, words: frozenset[str]) -> str:
    return f"not {_among(column, words)}" if words else "true"


def _made_ids(con: duckdb.DuckDBPyConnection, remembered: Path) -> None:
    con.execute("create table remembered (tie varchar, made varchar)")
    if remembered.is_file():
        columns = "columns = {'tie': 'VARCHAR', 'made': 'VARCHAR'}"
        con.execute(f"""insert into remembered select * from read_csv({literal(str(remembered))}, auto_detect = false,
            header = true, delim = ',', {columns})""")
    con.execute(_TIES)
    con.execute(_MADE)


def _remember(con: duckdb.DuckDBPyConnection, folder: Path, remembered: Path) -> None:
    """Keep the IDs that were made; the file holds no name, only digests."""
    new = folder / ".remembered"
    con.execute(_REMEMBER.format(path=literal(str(new))))
    try:
        arrived = remembered.with_suffix(".part")
        shutil.copyfile(new, arrived)
        arrived.replace(remembered)
    except OSError as error:
        raise FileError("The made IDs could not be kept.", "Free some disk space.", error.strerror or "") from error


_RULE_COLUMNS = ("from", "grade", "section", "student", "to", "name")


def _rules(con: duckdb.DuckDBPyConnection, path: Path | None) -> None:
    """The table of schools: the first row that fits decides. Empty cells fit everything; lists have semicolons."""
    con.execute("""create table rules (place bigint, "from" varchar, grade varchar, section varchar, student varchar,
        "to" varchar, name varchar)""")
    if path is None:
        return
    wrong = FileError(
        "The table of schools can't be used.",
        f"It is a CSV file with the columns {', '.join(_RULE_COLUMNS)}.",
        path.name,
    )
    try:
        con.execute(f"""create view told as select row_number() over () as place, * from
            read_csv({literal(str(path))}, header = true, all_varchar = true, delim = ',', quote = '"')""")
        there = {str(row[0]) for row in con.execute("describe told").fetchall()}
        if not {"from", "to"} <= there:
            raise wrong
        cells = ", ".join(f"trim(coalesce(\"{c}\", ''))" if c in there else "''" for c in _RULE_COLUMNS)
        con.execute(f"insert into rules select place, {cells} from told")
    except (duckdb.Error, OSError) as error:
        raise wrong from error


_KEPT_SECTIONS = """create table kept as
    select s.*, coalesce(c.name, '') as course_name, coalesce(c.number, '') as course_number,
           coalesce(t.name, '') as term_name
    from sections s left join courses c on c.id = s.course and c.id <> ''
    left join terms t on t.id = s.term and t.id <> '' where {where}"""

_HITS = """list_contains(list_transform(string_split(r.{rule}, ';'), lambda x: lower(trim(x))), lower({value}))"""

_SECTION_HIT = " or ".join(
    _HITS.format(rule="section", value=f"s.{column}") for column in ("id", "sis_id", "number", "name")
)

# Every school of every student, and after the rules.
_STUDENT_SCHOOLS = f"""create table student_schools as
    with had as (select * from (
        select id, key, grade, unnest(string_split(schools, ',')) as school,
               generate_subscripts(string_split(schools, ','), 1) as place
        from people where kind = 'student') {{primary}}),
    fits as (
        select h.id, h.school, r."to", r.place from had h join rules r on r."from" = h.school
        where (r.grade = '' or {_HITS.format(rule="grade", value="h.grade")})
          and (r.student = '' or {_HITS.format(rule="student", value="h.key")})
          and (r.section = '' or exists (
              select 1 from members m join kept s on s.id = m.section
              where m.person = h.id and m.role = 'student' and s.school = h.school
                and ({_SECTION_HIT}))))
    select h.id, h.school as old, min(h.place) as place,
           coalesce(min(f.chosen), h.school) as school
    from had h left join (select id, school, arg_min("to", place) as chosen from fits group by all) f
         on f.id = h.id and f.school = h.school
    group by h.id, h.school"""

# A classroom goes by a rule of its own; else where most of its students went.
_SECTION_SCHOOLS = f"""create table section_schools as
    with fits as (
        select s.id, arg_min(r."to", r.place) as school from kept s join rules r on r."from" = s.school
        where r.student = '' and (r.grade = '' or {_HITS.format(rule="grade", value="s.grade")})
          and (r.section = '' or {_SECTION_HIT})
        group by s.id),
    most as (
        select section, arg_max(school, (n, school)) as school from (
            select m.section, t.school, count(*) as n from members m join kept s on s.id = m.section
            join student_schools t on t.id = m.person and t.old = s.school where m.role = 'student' group by all)
        group by section)
    select s.id, coalesce(f.school, case when s.school in (select "from" from rules) then m.school end,
                          s.school) as school
    from kept s left join fits f on f.id = s.id left join most m on m.section = s.id"""

# Staff go where their classrooms went; those without a classroom go to every part of their school.
_STAFF_SCHOOLS = """create table staff_schools as
    with had as (select id, kind, unnest(string_split(schools, ',')) as school from people where kind <> 'student'),
    taught as (select distinct m.person, s.school as old, t.school from members m join kept s on s.id = m.section
               join section_schools t on t.id = s.id where m.role = 'teacher')
    select distinct h.id, h.kind, coalesce(t.school, r."to", h.school) as school
    from had h left join taught t on t.person = h.id and t.old = h.school
    left join rules r on r."from" = h.school and t.school is null"""

# A contact without an ID of the district's gets one made of the name and of the first of the students, for neither
# changes when an address or a number does. It is remembered for each of the students, so that it also stays when the
# first of them leaves the school.
_TIES = """create table ties as
    select c.id, c.student, s.key as student_key,
           md5(lower(strip_accents(concat_ws(' ', c.first, c.middle, c.last))) || '|' || s.key) as tie
    from contacts c join people s on s.id = c.student and s.kind = 'student' where c.key = ''"""
_MADE = """create table made_ids as
    select id, coalesce(min(r.made), 'c-' || left(arg_min(t.tie, t.student_key), 20)) as made
    from ties t left join remembered r on r.tie = t.tie group by id"""
_REMEMBER = """copy (select tie, made from remembered union
    select t.tie, m.made from ties t join made_ids m on m.id = t.id
    where t.tie not in (select tie from remembered) order by all) to {path} (format csv, header true)"""
_GUARDIANS = """create table guardians as
    select c.*, s.key as student_key,
           case when c.key <> '' then c.key else m.made end as made
    from contacts c join people s on s.id = c.student and s.kind = 'student' left join made_ids m on m.id = c.id
    where {relationship} and {type} and {without} and lower(relationship) <> 'self'"""

_FILES = {
    "schools": """select * from (
        select coalesce(r."to", s.id) as School_id, coalesce(max(nullif(r.name, '')), min(s.name)) as School_name,
               min(s.number) as School_number
        from schools s left join rules r on r."from" = s.id group by 1
        union
        select s.id, s.name, s.number from schools s
        where s.id in (select "from" from rules) and s.id not in (select "to" from rules)
          and (s.id in (select school from student_schools) or s.id in (select school from section_schools)))""",
    "students": """select s.school as School_id, p.key as Student_id, p.number as Student_number,
        p.state_id as State_id, p.last as Last_name, p.middle as Middle_name, p.first as First_name,
        p.preferred as Preferred_first_name,
        p.grade as Grade, p.gender as Gender, p.dob as DOB, p.language as Home_language, p.email as Student_email,
        p.username as Username
        from people p join (select id, school, min(place) as place from student_schools group by all) s on s.id = p.id
        where p.kind = 'student'""",
    "teachers": """select s.school as School_id, p.key as Teacher_id, p.number as Teacher_number, p.last as Last_name,
        p.middle as Middle_name, p.first as First_name, p.email as Teacher_email, p.title as Title,
        p.username as Username
        from people p join staff_schools s on s.id = p.id and s.kind = p.kind where p.kind = 'teacher'""",
    "staff": """select s.school as School_id, p.key as Staff_id, p.email as Staff_email, p.first as First_name,
        p.last as Last_name, p.department as Department, p.title as Title, p.username as Username
        from people p join staff_schools s on s.id = p.id and s.kind = p.kind
        where p.kind in ('staff', 'district_admin')
          and p.id not in (select id from people where kind = 'teacher')
          and (p.kind = 'staff' or p.id not in (select id from people where kind = 'staff'))""",
    "sections": """select t.school as School_id, s.id as Section_id, coalesce(max(p.key) filter (m.place = '0'), '') as
        Teacher_id, s.name as Name, s.number as Section_number, s.grade as Grade, s.course_name as Course_name,
        s.course_number as Course_number, s.period as Period, s.subject as Subject, s.term_name as Term_name,
        coalesce(string_agg(p.key, ',' order by m.place::int) filter (m.place <> '0'), '') as Teacher_2_id
        from kept s join section_schools t on t.id = s.id
        left join members m on m.section = s.id and m.role = 'teacher'
        left join people p on p.id = m.person and p.kind = 'teacher' group by all""",
    "enrollments": """select distinct t.school as School_id, m.section as Section_id, p.key as Student_id
        from members m join section_schools t on t.id = m.section
        join people p on p.id = m.person and p.kind = 'student' where m.role = 'student'""",
    "guardians": """select student_key as studentSourcedId, made as sourcedId, first as givenName, last as familyName,
        email,        case when lower(phone_type) in ('cell', '') then phone else '' end as sms,
        case when lower(phone_type) in ('cell', '') then '' else phone end as phone, relationship, type as contactType
        from guardians""",
    "student_attributes": """select p.key as studentSourcedId, a.name, a.value
        from attributes a join people p on p.id = a.student and p.kind = 'student'""",
}


def _notes(con: duckdb.DuckDBPyConnection, choices: Choices) -> list[str]:
    def number(query: str) -> int:
        row = con.execute(query).fetchone()
        return int(row[0]) if row else 0

    notes = []
    if count := number("select count(*) from people where made = 'yes' and kind <> 'district_admin'"):
        notes.append(f"{count:,} people have no ID of the district's at Clever; they go by Clever's own.")
    if choices.guardians:
        left = number("select count(distinct id) from contacts") - number("select count(distinct id) from guardians")
        if left:
            notes.append(
                f"{left:,} contacts are left out, by their relationship or type, or because no student is theirs."
            )
        if count := number("select count(distinct made) from guardians where key = ''"):
            notes.append(f"{count:,} contacts have no ID; theirs is made of their name and their student.")
    if count := number(
        "select count(*) from kept where id not in (select section from members where role = 'student')"
    ):
        notes.append(f"{count:,} classrooms have no student.")
    return notes
