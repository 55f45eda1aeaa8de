"""The synced records, and the links that people made, by columns, for planning: Parquet files kept inside the
directory, so that they are encrypted and committed with it.

Row by row, a large directory would take longer to fetch than all the rest of a plan takes. The snapshot of generation n
is the image
of the records at generation n; a writer other than a push deletes it, and the next plan makes it anew from the records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import sqlalchemy as sa

from rosterdesk.directory import schema, sight
from rosterdesk.model import ENTITIES, FIELDS, LINKS, PEOPLE
from rosterdesk.run import Run
from rosterdesk.staging import Staging, fingerprint, literal

_PART = 16_000_000  # bytes a row of the snapshot table: SQLite keeps a row in memory as a whole
_BATCH = 50_000
_VERSION = "duckdb"  # the row that tells whose fingerprints these are
MANUAL = tuple(f"manual_{link}" for link in LINKS)
NAMES = (*ENTITIES, *LINKS, *MANUAL)


def columns(name: str) -> dict[str, str]:
    """The columns of one snapshot table and their types."""
    name = name.removeprefix("manual_")
    if name == "enrollments":
        return {
            "classroom": "bigint",
            "person": "bigint",
            "is_student": "boolean",
            "is_primary": "boolean",
            "created_run": "integer",
        }
    if name == "guardianships":
        return {"student": "bigint", "guardian": "bigint", "relationship": "varchar", "created_run": "integer"}
    found = {"id": "bigint", "sis_id": "varchar", **dict.fromkeys(FIELDS[name], "varchar")}
    if name in PEOPLE:
        found["language"] = "varchar"
    if name in ("staff", "guardians"):
        found["active"] = "boolean"
    return {**found, "status": "varchar", "fingerprint": "ubigint"}


def load(connection: sa.Connection, district: int, generation: int, staging: Staging, run: Run) -> None:
    """Make `directory.*` of the directory's synced records, from the snapshot if it is of this generation, else from
    the records. Raises `NotAllowed`: that is the whole directory.
    """
    sight.require_to_sync(connection, district)
    run.report("Looking at the directory")
    table = schema.snapshot
    parts = connection.execute(
        sa.select(table.c.name, table.c.content)
        .where(table.c.district == district, table.c.generation == generation)
        .order_by(table.c.name, table.c.part)
    )
    version = ""
    files: dict[str, Path] = {}
    for name, content in parts:
        if name == _VERSION:
            version = bytes(content).decode()
            continue
        path = files.setdefault(name, staging.folder / f"{name}.parquet")
        with path.open("ab") as file:
            file.write(content)
    for name in NAMES:
        if name not in files:
            _from_records(connection, district, name, staging, run)
            continue
        stale = name in FIELDS and version != duckdb.__version__
        replaced = f" replace ({fingerprint(name)} as fingerprint)" if stale else ""
        staging.execute(
            f"create view directory.{name} as select *{replaced} from read_parquet({literal(str(files[name]))})"
        )


def as_it_is(staging: Staging) -> None:
    """Make `plan.after_*` of what was loaded: what a delivery without a plan writes."""
    for name in NAMES:
        staging.execute(f"create view plan.after_{name} as select * from directory.{name}")


@contextmanager
def drawn(staging: Staging) -> Iterator[Callable[[], list[Path]]]:
    """Draw the new snapshot from `plan.after_*` while the caller writes the records; the call gives its files.

    Both take their time in C and let the other go on. Raises what drawing raises, when called.
    """
    cursor = staging.con.cursor()
    with ThreadPoolExecutor(max_workers=1) as other:
        drawing = other.submit(_draw, cursor, staging.folder)
        try:
            yield drawing.result
        finally:
            if not drawing.done():
                cursor.interrupt()


def _draw(cursor: duckdb.DuckDBPyConnection, folder: Path) -> list[Path]:
    files = []
    for name in NAMES:
        path = folder / f"after-{name}.parquet"
        cursor.execute(f"""copy (select {", ".join(columns(name))} from plan.after_{name}) to {literal(str(path))}
            (format parquet, compression zstd)""")
        files.append(path)
    return files


def save(connection: sa.Connection, district: int, generation: int, files: Sequence[Path], run: Run) -> None:
    """Replace the snapshot by the files that were drawn, inside the caller's transaction."""
    table = schema.snapshot
    connection.execute(sa.delete(table).where(table.c.district == district))
    insert = sa.insert(table)
    row = {"district": district, "generation": generation}
    connection.execute(insert, {**row, "name": _VERSION, "part": 0, "content": duckdb.__version__.encode()})
    for path in files:
        run.check()
        name = path.stem.removeprefix("after-")
        with path.open("rb") as file:
            part = 0
            while content := file.read(_PART):
                connection.execute(insert, {**row, "name": name, "part": part, "content": content})
                part += 1
        path.unlink()


_SCHOOL = "(select s.sis_id from schools s where s.district = r.district and s.id = r.school)"
_OTHERS = "(select string_agg(sis_id, chr(31) order by sis_id) from directory.other_schools o where o.person = r.id)"
_ACTIVE = "exists (select 1 from accounts a where a.district = r.district and a.id = r.account and a.state = 'active')"


def _from_records(connection: sa.Connection, district: int, name: str, staging: Staging, run: Run) -> None:
    spec = columns(name)
    staging.execute(f"create or replace table directory.{name} ({', '.join(f'{c} {t}' for c, t in spec.items())})")
    synced = int(name not in MANUAL)
    if name.endswith("enrollments"):
        sql = f"""select classroom, person, role = 'student' as is_student, is_primary <> 0 as is_primary, created_run
            from enrollments r where synced = {synced}"""
    elif name.endswith("guardianships"):
        sql = f"select student, guardian, relationship, created_run from guardianships r where synced = {synced}"
    else:
        made = {"school_sis_id": _SCHOOL, "other_school_sis_ids": "null", "active": _ACTIVE, "fingerprint": "0"}
        chosen = ", ".join(f"{made[c]} as {c}" if c in made else f"r.{c}" for c in spec)
        sql = f"select {chosen} from {name} r where sis_id is not null"
    _copy(connection, f"{sql} and r.district = {district} order by 1, 2", f"directory.{name}", list(spec), staging, run)
    if "other_school_sis_ids" in spec:
        staging.execute("create or replace table directory.other_schools (person bigint, sis_id varchar)")
        others = f"""select o.person, s.sis_id
            from other_schools o join schools s on s.district = o.district and s.id = o.school
            where o.district = {district} and s.sis_id is not null"""
        _copy(connection, others, "directory.other_schools", ["person", "sis_id"], staging, run)
        staging.execute(f"""update directory.{name} r set other_school_sis_ids = {_OTHERS}
            where r.id in (select person from directory.other_schools)""")
    if name in FIELDS:
        staging.execute(f"update directory.{name} set fingerprint = {fingerprint(name)}")


def _copy(connection: sa.Connection, sql: str, target: str, names: list[str], staging: Staging, run: Run) -> None:
    rows = connection.exec_driver_sql(sql, execution_options={"stream_results": True})  # for this statement only
    while batch := rows.fetchmany(_BATCH):
        import pandas as pd  # here, since most runs find a snapshot, or an empty directory

        run.check()
        frame = pd.DataFrame.from_records([tuple(r) for r in batch], columns=names)
        types = staging.execute(f"select * from {target} limit 0").description or []
        chosen = ", ".join(f"{column[0]}::{column[1]}" for column in types)
        staging.con.register("batch", frame)
        staging.execute(f"insert into {target} select {chosen} from batch")
        staging.con.unregister("batch")
