"""Writes runs into a directory as a push does, so that what takes them back can be tested without one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from rosterdesk.directory import bulk
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.export import export
from rosterdesk.directory.history import Kind, PastRun, State, next_run, now, record_run
from rosterdesk.directory.schema import LINKS, RECORDS, metadata


def exported(directory: Directory, folder: Path) -> dict[str, bytes]:
    """The directory's export by file."""
    export(directory, folder)
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


@dataclass
class Writer:
    """One run that is being written."""

    directory: Directory
    conn: sa.Connection
    run: int
    changes: int = 0

    @property
    def district(self) -> int:
        return self.directory.district

    def create(self, entity: str, **values: Any) -> int:
        table = metadata.tables[entity]
        record = self.directory.take_ids(self.conn, 1)
        state = {"state": "invitee"} if entity == "accounts" else {"status": "active"}
        row = {"district": self.district, "id": record, "created_run": self.run, **state, **values}
        self.conn.execute(table.insert().values(row))
        return record

    def link(self, link: str, **values: Any) -> None:
        table = metadata.tables[link]
        defaults = {name: 1 if name == "synced" else 0 for name in ("synced", "is_primary") if name in table.c}
        self.conn.execute(
            table.insert().values({"district": self.district, "created_run": self.run, **defaults, **values})
        )

    def change(self, entity: str, record: int, action: str = "update", **values: Any) -> None:
        table = RECORDS[entity]
        here = (table.c.district == self.district, table.c.id == record)
        row = self.conn.execute(sa.select(table).where(*here)).one()._mapping
        before = {name: row[name] for name in values}
        self.conn.execute(table.update().where(*here).values(values))
        self.note(entity, record, action, before, values)

    def unlink(self, link: str, **key: Any) -> None:
        table = metadata.tables[link]
        here = [table.c.district == self.district, *(table.c[name] == value for name, value in key.items())]
        row = dict(self.conn.execute(sa.select(table).where(*here)).one()._mapping)
        self.conn.execute(table.delete().where(*here))
        del row["district"]
        self.note(link, row[next(iter(LINKS[link]))], "remove", row, None)

    def relink(self, link: str, key: dict[str, Any], **values: Any) -> None:
        table = metadata.tables[link]
        here = [table.c.district == self.district, *(table.c[name] == value for name, value in key.items())]
        before = dict(self.conn.execute(sa.select(table).where(*here)).one()._mapping)
        del before["district"]
        self.conn.execute(table.update().where(*here).values(values))
        self.note(link, before[next(iter(LINKS[link]))], "update", before, {**before, **values})

    def note(self, entity: str, record: int, action: str, before: object, after: object) -> None:
        self.changes += 1
        texts = [None if value is None else json.dumps(value) for value in (before, after)]
        row = (self.district, self.run, self.changes, entity, record, action, *texts)
        columns = ("district", "run", "number", "entity", "record", "action", "before", "after")
        bulk.insert(self.conn, "changes", columns, [row])


def begin(directory: Directory, conn: sa.Connection, state: State = State.DONE) -> Writer:
    """Start a run's row; the transaction is the caller's."""
    number = next_run(conn, directory.district)
    record_run(conn, directory.district, PastRun(number, Kind.PUSH, state, now(), now(), "tester", "source"))
    directory.bump(conn)
    return Writer(directory, conn, number)


def random_run(directory: Directory, rnd: random.Random, many: int = 0) -> int:
    """A run of everything that a run can do, at random, and of `many` new guardians; return its number."""
    with directory.transaction() as conn:
        writer = begin(directory, conn)
        first = directory.take_ids(conn, many)
        columns = ("district", "id", "sis_id", "status", "created_run")
        bulk.insert(
            conn, "guardians", columns, ((1, first + n, f"{writer.run}-{n}", "active", writer.run) for n in range(many))
        )
        for _ in range(rnd.randint(1, 3)):
            _create_school(writer, rnd)
        for entity in RECORDS:
            for record in _some(rnd, _ids(conn, directory, entity)):
                _change(writer, rnd, entity, record)
        for link in LINKS:
            table = metadata.tables[link]
            for row in _some(rnd, conn.execute(sa.select(table).where(table.c.district == directory.district)).all()):
                key = {c.name: row._mapping[c.name] for c in table.primary_key if c.name != "district"}
                if link == "enrollments" and rnd.random() < 0.3:
                    writer.relink(link, key, is_primary=1 - row.is_primary)
                else:
                    writer.unlink(link, **key)
        return writer.run


def _create_school(writer: Writer, rnd: random.Random) -> None:
    def name(prefix: str) -> str | None:
        return None if rnd.random() < 0.2 else f"{prefix}{rnd.randrange(10**9)}"

    school = writer.create("schools", sis_id=name("A"), name='Sch"ool, one\nline')
    other = writer.create("schools", sis_id=name("B"), name="Zwei\rte")
    room = writer.create("classrooms", sis_id=name("C"), title=" spaces ", school=school)
    account = writer.create("accounts", state=rnd.choice(["invitee", "active"]))
    teacher = writer.create(
        "staff", sis_id=name("T"), given_name="Ünal", role="teacher", school=school, account=account
    )
    writer.link("enrollments", classroom=room, person=teacher, role="teacher", is_primary=1)
    for _ in range(rnd.randint(1, 4)):
        student = writer.create("students", sis_id=name("S"), given_name="名", family_name="O'Neil", school=school)
        guardian = writer.create(
            "guardians", sis_id=name("G"), email="a@b.example", account=rnd.choice([None, account])
        )
        writer.link("enrollments", classroom=room, person=student, role="student", synced=rnd.randint(0, 1))
        writer.link("guardianships", student=student, guardian=guardian, relationship=rnd.choice([None, "mother"]))
        writer.link("attributes", student=student, name="bus", value=rnd.choice([None, "7"]))
        if rnd.random() < 0.5:
            writer.link("other_schools", person=student, school=other)


def _change(writer: Writer, rnd: random.Random, entity: str, record: int) -> None:
    table = RECORDS[entity]
    here = (table.c.district == writer.district, table.c.id == record)
    row = writer.conn.execute(sa.select(table).where(*here)).one()
    if row.status == "archived":
        writer.change(entity, record, "restore", status="active")
    elif rnd.random() < 0.3:
        writer.change(entity, record, "archive", status="archived")
    field = {"schools": "type", "classrooms": "title"}.get(entity, "email")
    values: dict[str, Any] = {field: rnd.choice([None, f"x{rnd.randrange(99)}"])}
    if entity in ("staff", "guardians"):
        values["account"] = rnd.choice([None, writer.create("accounts")])
    if entity == "students":
        values["school"] = rnd.choice(_ids(writer.conn, writer.directory, "schools"))
    if changed := {name: value for name, value in values.items() if value != row._mapping[name]}:
        writer.change(entity, record, **changed)


def _ids(conn: sa.Connection, directory: Directory, entity: str) -> list[int]:
    table = RECORDS[entity]
    return list(
        conn.execute(sa.select(table.c.id).where(table.c.district == directory.district).order_by("id")).scalars()
    )


def _some(rnd: random.Random, items: Iterable[Any]) -> list[Any]:
    found = list(items)
    return [item for item in found if rnd.random() < 0.4][:60]
