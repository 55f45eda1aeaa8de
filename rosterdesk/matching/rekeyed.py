"""A source that comes back with other IDs: seen before it archives everybody and makes them all anew.

A crosswalk names the records that are the same, with their new IDs; `directory.rekeying` gives them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from rosterdesk import matching
from rosterdesk.directory.rekeying import NewId
from rosterdesk.matching import adults, directory
from rosterdesk.matching.directory import CANDIDATES, COMING
from rosterdesk.run import Run
from rosterdesk.staging import Staging

# Of fewer students nobody can tell a new numbering from a new school.
LEAST = 20
# So many of the active students must be gone by their IDs, and so many of these be there by their names.
_GONE, _SAME = 0.5, 0.5
# The share of its members by which a classroom is known again.
_MEMBERS = 0.6


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How many active students the directory has, how many of their IDs are gone from the source, and how many of those
    who are gone are there under another ID, as far as names tell."""

    active: int
    gone: int
    same: int

    @property
    def sentence(self) -> str:
        """What a person reads."""
        return (
            f"{self.gone:,} of {self.active:,} student IDs are gone from this source, and {self.same:,} of these "
            "students are in it under other IDs, as it seems. Give them their new IDs first: `rosterdesk rekey`."
        )


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """The new IDs of each kind of record, and how many more of each have probably another ID that is not sure."""

    ids: Mapping[str, tuple[NewId, ...]]
    unsure: Mapping[str, int]


def suspected(staging: Staging) -> Suspicion | None:
    """Whether the source seems to have new IDs for the same students. Needs `incoming.*` and `directory.*`.

    It costs one comparison of IDs; names are looked at only where most of these are gone.
    """
    active, found = staging.rows("""select count(*), count(i.sis_id) from directory.students d
        left join (select distinct sis_id from incoming.students) i on i.sis_id = d.sis_id
        where d.status = 'active'""")[0]
    gone = active - found
    if active < LEAST or gone < _GONE * active:
        return None
    name = "lower(strip_accents(trim({0}.given_name))), lower(strip_accents(trim({0}.family_name)))"
    same = int(
        staging.one(f"""with missing as (
            select {name.format("d")} from directory.students d
            where d.status = 'active' and d.sis_id not in (select sis_id from incoming.students)),
        arrived as (select distinct {name.format("i")} from incoming.students i
            where i.sis_id not in (select sis_id from directory.students))
        select count(*) from missing m(given, family)
        where (given, family) in (select (given, family) from arrived a(given, family))""")
    )
    return Suspicion(int(active), int(gone), same) if same >= max(LEAST, _SAME * gone) else None


def crosswalk(conn: sa.Connection, district: int, staging: Staging, run: Run) -> Crosswalk:
    """Which records of the directory are whom in the source under another ID; only what is certain gets a new one.

    Needs `incoming.*` and `directory.*` in the staging. Raises `Cancelled`.
    """
    staging.execute("create schema if not exists matching")
    staging.execute("create or replace table matching.apart (incoming_id varchar, candidate_id varchar)")
    staging.execute(
        "create or replace table matching.new_ids (entity varchar, record bigint, old varchar, new varchar)"
    )
    unsure: dict[str, int] = {}
    _schools(staging)
    for entity in ("students", "staff", "guardians"):
        run.report(f"Looking for {entity} under other IDs")
        coming = directory.load_coming(staging, entity)
        missing = directory.load_missing(conn, district, entity, staging, run)
        if not coming or not missing:
            continue
        staging.execute(f"""update {COMING} c set schools = n.old from matching.new_ids n
            where n.entity = 'schools' and n.new = c.schools""")
        if entity == "students":
            matching.match(staging, COMING, CANDIDATES, run)
        else:
            adults.match(staging, entity)
        staging.execute(f"""insert into matching.new_ids select '{entity}', k.record, k.sis_id, p.incoming_id
            from matching.pairs p join {CANDIDATES} k on k.id = p.candidate_id where p.band = 'auto'""")
        if more := int(staging.one("select count(*) from matching.pairs where band <> 'auto'")):
            unsure[entity] = more
    _classrooms(staging)
    found: dict[str, list[NewId]] = {}
    for entity, *new in staging.rows("select entity, record, old, new from matching.new_ids order by entity, record"):
        found.setdefault(entity, []).append(NewId(*new))
    return Crosswalk({entity: tuple(ids) for entity, ids in found.items()}, unsure)


def _schools(staging: Staging) -> None:
    """Schools by their names, where no other school on either side is called the same."""
    name = "lower(strip_accents(trim(name)))"
    staging.execute(f"""insert into matching.new_ids
        with here as (select id, sis_id, {name} as name from directory.schools
                where status = 'active' and sis_id not in (select sis_id from incoming.schools)),
            there as (select sis_id, {name} as name from incoming.schools
                where sis_id not in (select sis_id from directory.schools))
        select 'schools', any_value(h.id), any_value(h.sis_id), any_value(t.sis_id)
        from here h join there t using (name) where name is not null group by name having count(*) = 1""")


def _classrooms(staging: Staging) -> None:
    """Classrooms by the students and teachers who are in them, under whichever IDs, each at most once."""
    known = "select id, sis_id from directory.students union all select id, sis_id from directory.staff"
    staging.execute(f"""create or replace table matching.class_pairs as
        with persons as (
            select i.no, coalesce(k.id, n.record) as id from incoming.person i
            left join ({known}) k on k.sis_id = i.sis_id
            left join matching.new_ids n on n.entity in ('students', 'staff') and n.new = i.sis_id
            where i.keep and coalesce(k.id, n.record) is not null),
        here as (select e.classroom, e.person from directory.enrollments e join directory.classrooms c
                on c.id = e.classroom
            where c.status = 'active' and c.sis_id not in (select sis_id from incoming.classrooms)),
        there as (select distinct c.sis_id, p.id as person from incoming.enrollments e
            join incoming.classrooms c on c.rowid = e.classroom_no join persons p on p.no = e.person_no
            where c.sis_id not in (select sis_id from directory.classrooms)),
        shared as (select h.classroom, t.sis_id, count(*) as n from here h join there t using (person) group by all)
        select b.classroom, b.sis_id,
            n / greatest((select count(*) from here h where h.classroom = b.classroom),
                         (select count(*) from there t where t.sis_id = b.sis_id)) as share,
            lower(trim(d.title)) = lower(trim(i.title)) as titled
        from shared b join directory.classrooms d on d.id = b.classroom
        join incoming.classrooms i on i.sis_id = b.sis_id""")
    staging.execute(f"""insert into matching.new_ids
        with best as (
            select *, rank() over (partition by classroom order by share desc, titled desc) as of_here,
                   rank() over (partition by sis_id order by share desc, titled desc) as of_there
            from matching.class_pairs where share >= {_MEMBERS}),
        single as (
            select *, count(*) over (partition by classroom) as here, count(*) over (partition by sis_id) as there
            from best where of_here = 1 and of_there = 1)
        select 'classrooms', d.id, d.sis_id, s.sis_id from single s join directory.classrooms d on d.id = s.classroom
        where here = 1 and there = 1""")
    staging.execute("drop table matching.class_pairs")
