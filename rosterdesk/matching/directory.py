"""The people of the directory, and of a roster on its way into it, as the two sides that matching compares.

Candidates are the archived and the manual records, without those that a merge has absorbed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import sight
from rosterdesk.directory.decisions import Proposed
from rosterdesk.directory.schema import RECORDS, decisions, guardians, guardianships, merges, schools
from rosterdesk.run import Run
from rosterdesk.staging import Staging

# What a side tells of a person beside their own fields.
_STUDENT = (
    *("given_name", "preferred_name", "middle_name", "family_name", "birth_date", "grade", "student_number"),
    *("state_id", "email"),
)
_ADULT = ("given_name", "family_name", "email", "sms", "phone")
CANDIDATES = "matching.known"  # key, record and the columns that matching compares
COMING = "matching.coming"
_BATCH = 20_000


def fields(entity: str) -> tuple[str, ...]:
    """The own fields of a person that matching looks at."""
    return _STUDENT if entity == "students" else _ADULT


def load_candidates(
    conn: sa.Connection, district: int, entity: str, staging: Staging, run: Run, *, shown: bool = True
) -> int:
    """Make `CANDIDATES` of the archived and manual records that were not absorbed; return how many.

    Those that are `shown` are only those that the person at the keyboard may see.
    """
    table = RECORDS[entity]
    absorbed = sa.select(merges.c.absorbed).where(merges.c.district == district)
    where = sa.or_(table.c.status == "archived", table.c.sis_id.is_(None))
    mine = sight.of(conn, district, table) if shown else []
    return _load(conn, district, entity, [where, table.c.id.not_in(absorbed), *mine], CANDIDATES, staging, run)


def load_synced(conn: sa.Connection, district: int, entity: str, staging: Staging, run: Run) -> int:
    """Make `COMING` of the active synced records that the person at the keyboard may see; return how many."""
    table = RECORDS[entity]
    where = [table.c.status == "active", table.c.sis_id.is_not(None), *sight.of(conn, district, table)]
    return _load(conn, district, entity, where, COMING, staging, run)


def load_missing(conn: sa.Connection, district: int, entity: str, staging: Staging, run: Run) -> int:
    """Make `CANDIDATES` of the active synced records whose IDs are not in `incoming.*`; return how many."""
    table = RECORDS[entity]
    where = [table.c.status == "active", table.c.sis_id.is_not(None)]
    _load(conn, district, entity, where, CANDIDATES, staging, run)
    staging.execute(f"delete from {CANDIDATES} where sis_id in (select sis_id from incoming.{entity})")
    return int(staging.one(f"select count(*) from {CANDIDATES}"))


def load_decisions(conn: sa.Connection, district: int, entity: str, staging: Staging) -> None:
    """Make `matching.apart` and `matching.same`, the pairs of which somebody said so."""
    for name, said in (("apart", "different"), ("same", "same")):
        query = sa.select(decisions.c.incoming, sa.cast(decisions.c.candidate, sa.Text)).where(
            decisions.c.district == district, decisions.c.entity == entity, decisions.c.decision == said
        )
        staging.execute(f"create or replace table matching.{name} (incoming_id varchar, candidate_id varchar)")
        _insert(staging, f"matching.{name}", conn.execute(query.order_by(decisions.c.candidate)).all())


def load_pairs(staging: Staging, pairs: Sequence[Proposed]) -> str:
    """Make `matching.proposed` (incoming_id, candidate_id) of the pairs that are proposed; return its name."""
    staging.execute("create or replace table matching.proposed (incoming_id varchar, candidate_id varchar)")
    _insert(staging, "matching.proposed", [(pair.incoming, str(pair.candidate)) for pair in pairs])
    return "matching.proposed"


def load_coming(staging: Staging, entity: str) -> int:
    """Make `COMING` of the people of `incoming.*` whom `directory.*` does not know yet; return how many."""
    staging.execute("create schema if not exists matching")
    own = ", ".join(f"i.{name}" for name in fields(entity))
    school = "i.school_sis_id" if entity != "guardians" else "null::varchar"
    family = "select null::bigint as no, null::bigint[] as children limit 0"
    more = "f.children"
    if entity == "students":
        more = "f.emails as guardian_emails, f.phones as guardian_phones"
        family = """select l.student_no as no, string_agg(g.email, ';') as emails,
                           string_agg(coalesce(g.sms, g.phone), ';') as phones
            from incoming.guardianships l join incoming.guardians g on g.no = l.guardian_no group by all"""
    staging.execute(f"""create or replace table {COMING} as
        select i.sis_id as id, null::bigint as record, i.sis_id, {own}, null::bigint as school,
               {school} as schools, {more}
        from incoming.{entity} i left join ({family}) f on f.no = i.no
        where i.sis_id not in (select sis_id from directory.{entity})""")
    return int(staging.one(f"select count(*) from {COMING}"))


def _load(
    conn: sa.Connection,
    district: int,
    entity: str,
    where: Sequence[sa.ColumnElement[bool]],
    target: str,
    staging: Staging,
    run: Run,
) -> int:
    staging.execute("create schema if not exists matching")
    own = fields(entity)
    table = RECORDS[entity]
    columns = ["record bigint", "sis_id varchar", *(f"{name} varchar" for name in own), "school bigint"]
    staging.execute(f"create or replace table matching.own ({', '.join(columns)})")
    school = table.c.school if "school" in table.c else sa.cast(sa.null(), sa.BigInteger).label("school")
    query = sa.select(table.c.id, table.c.sis_id, *(table.c[name] for name in own), school).where(
        table.c.district == district, *where
    )
    count = 0
    for rows in _batches(conn, query):
        run.check()
        _insert(staging, "matching.own", rows)
        count += len(rows)
    _schools(conn, district, staging)
    if entity == "students":
        _families(conn, district, staging, run)
    else:
        _children(conn, district, entity, staging, run)
    # A synced person is known by the SIS ID, which people decide on; a candidate by its number.
    key = "o.sis_id" if target == COMING else "o.record::varchar"
    more = {
        "students": "f.emails as guardian_emails, f.phones as guardian_phones",
        "guardians": "f.children",
        "staff": "f.children",
    }[entity]
    staging.execute(f"""create or replace table {target} as
        select {key} as id, o.*, p.names as schools, {more} from matching.own o
        left join matching.places p on p.school = o.school left join matching.family f on f.record = o.record""")
    for name in ("own", "places", "family"):
        staging.execute(f"drop table matching.{name}")
    return count


def school_names(conn: sa.Connection, district: int, staging: Staging) -> dict[str, str]:
    """What the schools are called that the sides name as `_schools` and the roster have them."""
    named: dict[str, str] = {}
    if staging.one("select count(*) from information_schema.tables where table_schema = 'incoming' "
                   "and table_name = 'schools'"):  # fmt: skip
        named.update(staging.rows("select sis_id, name from incoming.schools where name is not null"))
    query = sa.select(schools.c.sis_id, schools.c.name).where(schools.c.district == district)
    named.update({sis_id or name.lower(): name for sis_id, name in conn.execute(query) if name})
    return named


def _schools(conn: sa.Connection, district: int, staging: Staging) -> None:
    staging.execute("create or replace table matching.places (school bigint, names varchar)")
    query = sa.select(schools.c.id, sa.func.coalesce(schools.c.sis_id, sa.func.lower(schools.c.name))).where(
        schools.c.district == district
    )
    _insert(staging, "matching.places", conn.execute(query).all())


def _families(conn: sa.Connection, district: int, staging: Staging, run: Run) -> None:
    """Contacts of the guardians of these students, joined by `;`."""
    staging.execute("create or replace table matching.contacts (record bigint, email varchar, phone varchar)")
    join = (guardians.c.district == guardianships.c.district) & (guardians.c.id == guardianships.c.guardian)
    query = sa.select(
        guardianships.c.student, guardians.c.email, sa.func.coalesce(guardians.c.sms, guardians.c.phone)
    ).join(guardians, join)
    for rows in _batches(conn, query.where(guardianships.c.district == district)):
        run.check()
        _insert(staging, "matching.contacts", rows)
    staging.execute("""create or replace table matching.family as
        select record, string_agg(email, ';') as emails, string_agg(phone, ';') as phones
        from matching.contacts where record in (select record from matching.own) group by record""")
    staging.execute("drop table matching.contacts")


def _children(conn: sa.Connection, district: int, entity: str, staging: Staging, run: Run) -> None:
    """The children of these guardians, as a list of numbers; staff have none that matter."""
    staging.execute("create or replace table matching.children (record bigint, child bigint)")
    if entity == "guardians":
        query = sa.select(guardianships.c.guardian, guardianships.c.student)
        for rows in _batches(conn, query.where(guardianships.c.district == district)):
            run.check()
            _insert(staging, "matching.children", rows)
    staging.execute("""create or replace table matching.family as
        select record, list(child) as children from matching.children
        where record in (select record from matching.own) group by record""")
    staging.execute("drop table matching.children")


def _batches(conn: sa.Connection, query: sa.Select[Any]) -> Iterator[Sequence[Any]]:
    yield from conn.execute(query, execution_options={"stream_results": True}).partitions(_BATCH)


def _insert(staging: Staging, table: str, rows: Sequence[Any]) -> None:
    """Many rows in one statement: the columns as lists."""
    if not rows:
        return
    types = [str(column[1]) for column in staging.execute(f"select * from {table} limit 0").description or []]
    lists = ", ".join(f"unnest(${place}::{kind}[])" for place, kind in enumerate(types, 1))
    staging.execute(f"insert into {table} select {lists}", [list(column) for column in zip(*rows, strict=True)])
