"""Forgets personal data: what runs changed long ago, and all of a person who has left, on request. What is erased can't
be brought back, and the runs that it was a part of can't be taken back any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from rosterdesk.directory import ages, deliveries, ledger
from rosterdesk.directory.changed import Json
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import Kind, PastRun, State, next_run, now, record_run
from rosterdesk.directory.permissions import ROSTERING, could, present
from rosterdesk.directory.schema import LINKS, PEOPLE, RECORDS, accounts, changes, decisions, grants, metadata, runs
from rosterdesk.directory.schema import snapshot as snapshots
from rosterdesk.directory.settings import get_settings
from rosterdesk.errors import DirectoryChanged, NotAllowed, UsageError
from rosterdesk.run import Run

_DAYS_OF_A_MONTH = 30.44
_IN_ONE_QUESTION = 500  # numbers: SQLite takes no statement of any length


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten, in numbers; `run` is the run that did it, None where there was nothing to forget.

    `changes` are rows of history, `runs` those that can't be taken back any more, `records` people, `links` what hung
    on them, `lists` of delivered files.
    """

    run: int | None
    changes: int = 0
    runs: int = 0
    records: int = 0
    links: int = 0
    lists: int = 0


def require(directory: Directory, run: Run) -> None:
    """Raise `NotAllowed` unless the person at the keyboard may forget and erase."""
    with directory.read(run) as conn:
        allowed(conn, directory.district)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a purge would forget: rows of history and the runs that could then not be taken back, of before `edge`.

    `months` is how long history is kept (0: for ever), and `today` the moment at which it was counted.
    """

    months: int
    today: datetime
    edge: datetime
    changes: int = 0
    runs: int = 0


def count(directory: Directory, run: Run, *, months: int | None = None, today: datetime | None = None) -> Foreseen:
    """What a purge at this moment would forget; nothing changes. Raises `NotAllowed` as it does."""
    moment = today or datetime.now(UTC)
    with directory.read(run) as conn:
        district = directory.district
        allowed(conn, district)
        kept = get_settings(conn, district).history_months if months is None else months
        edge = _edge(moment, kept)
        if not kept:
            return Foreseen(kept, moment, edge)
        numbers = _old(conn, district, edge)
        found = 0
        for at in range(0, len(numbers), _IN_ONE_QUESTION):
            run.check()
            these = changes.c.run.in_(numbers[at : at + _IN_ONE_QUESTION])
            query = sa.select(sa.func.count()).select_from(changes).where(changes.c.district == district, these)
            found += conn.execute(query).scalar_one()
    return Foreseen(kept, moment, edge, found, len(numbers))


def purge(
    directory: Directory,
    run: Run,
    *,
    months: int | None = None,
    today: datetime | None = None,
    agreed: Foreseen | None = None,
) -> Forgotten:
    """Forget what the runs changed that are older than the settings (or `months`) say; 0 forgets nothing.

    No record changes. Raises `NotAllowed` for who does not manage the roster of the whole district, and
    `DirectoryChanged`, with nothing forgotten, when it would be other numbers than were `agreed`.
    """
    with directory.transaction("forgetting old history", run) as conn:
        district = directory.district
        who = allowed(conn, district)
        kept = get_settings(conn, district).history_months if months is None else months
        numbers = _old(conn, district, _edge(today or datetime.now(UTC), kept)) if kept else []
        _agreed(agreed is None or agreed.runs == len(numbers))
        if not numbers:
            return Forgotten(None)
        _overwrite(conn)
        gone = lists = 0
        for at in range(0, len(numbers), _IN_ONE_QUESTION):
            run.report("Forgetting old history", at, len(numbers))
            these = numbers[at : at + _IN_ONE_QUESTION]
            gone += conn.execute(
                changes.delete().where(changes.c.district == district, changes.c.run.in_(these))
            ).rowcount
            lists += deliveries.forget(conn, district, these)
            _mark(conn, district, these, f"History is kept for {kept} months here.")
        _agreed(agreed is None or agreed.changes == gone)
        return _written(conn, district, who, Kind.PURGE, Forgotten(None, gone, len(numbers), lists=lists))


def erase(directory: Directory, entity: str, record: int, run: Run, *, with_guardians: bool = False) -> Forgotten:
    """Erase a person who has left, for good: the record, what hangs on it, and every trace of it in the history.

    `with_guardians` takes those guardians along who have left too and have no other child here. Raises `UsageError` for
    who is no person or is still active: the next run would only bring them again. Raises `NotAllowed` for who does not
    manage the roster of the whole district.
    """
    if entity not in PEOPLE:
        raise UsageError(f"{entity} are no people.", f"Erase {', '.join(PEOPLE)}.")
    with directory.transaction("erasing a person", run) as conn:
        district = directory.district
        who = allowed(conn, district)
        table = RECORDS[entity]
        here = sa.select(table.c.status).where(table.c.district == district, table.c.id == record)
        status = conn.execute(here).scalar()
        if status is None:
            raise UsageError("There is no such record.", "Look for it in the directory.")
        if status != "archived":
            raise UsageError(
                "Only who has left can be erased.", "Archive the record first, or take it from the source."
            )
        people = {entity: list(ledger.every_part(conn, district, record))}
        if with_guardians and entity == "students":
            people["guardians"] = _guardians_alone(conn, district, people["students"])
        _overwrite(conn)
        found: Counter[str] = Counter()
        touched: set[int] = set()
        for kind, ids in people.items():
            for one in ids:
                run.check()
                _erase(conn, district, kind, one, found, touched)
        _mark(conn, district, sorted(touched), "A person whom it concerned was erased on request.")
        conn.execute(snapshots.delete().where(snapshots.c.district == district))
        directory.bump(conn)
        told = Forgotten(None, found["changes"], len(touched), found["records"], found["links"])
        return _written(conn, district, who, Kind.ERASE, told)


def _agreed(same: bool) -> None:
    if not same:
        raise DirectoryChanged("The history has changed since it was counted.", "Look at the numbers again.")


def _edge(today: datetime, months: int) -> datetime:
    return today - timedelta(days=months * _DAYS_OF_A_MONTH)


def _old(conn: sa.Connection, district: int, edge: datetime) -> list[int]:
    """The runs of before that moment that still hold what they changed."""
    old = (
        sa.select(runs.c.run)
        .where(runs.c.district == district, runs.c.forgotten.is_(None), runs.c.state != State.HELD.value)
        .where(ages.of_before(district, edge))
        .where(runs.c.kind.not_in((Kind.PURGE.value, Kind.ERASE.value)))
    )
    return list(conn.execute(old.order_by(runs.c.run)).scalars())


def allowed(conn: sa.Connection, district: int) -> str:
    """Who is at the keyboard, if they may forget and erase. Raises `NotAllowed`."""
    person = present(conn, district)
    if not person.owner and not person.has(ROSTERING, ()):
        raise NotAllowed(
            "Only who manages the roster of the whole district may erase for good.", could(ROSTERING, everywhere=True)
        )
    return person.who


def _overwrite(conn: sa.Connection) -> None:
    """Have SQLite overwrite what it deletes; a PostgreSQL server does that in its own time (vacuum)."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("pragma secure_delete = on")


def _guardians_alone(conn: sa.Connection, district: int, students: Sequence[int]) -> list[int]:
    """The archived guardians of these students who have no other child here."""
    links, guardians = metadata.tables["guardianships"], RECORDS["guardians"]
    theirs = sa.select(links.c.guardian).where(links.c.district == district, links.c.student.in_(students))
    others = sa.select(links.c.guardian).where(links.c.district == district, links.c.student.not_in(students))
    query = sa.select(guardians.c.id).where(
        *(guardians.c.district == district, guardians.c.status == "archived"),
        *(guardians.c.id.in_(theirs), guardians.c.id.not_in(others)),
    )
    return list(conn.execute(query.order_by(guardians.c.id)).scalars())


def _erase(
    conn: sa.Connection, district: int, entity: str, record: int, found: Counter[str], touched: set[int]
) -> None:
    table = RECORDS[entity]
    mine = (table.c.district == district, table.c.id == record)
    row = conn.execute(sa.select(table).where(*mine)).one()
    touched.add(row.created_run)
    for name, ends in LINKS.items():
        link = metadata.tables[name]
        for column in (column for column, of in ends.items() if entity in of):
            these = (link.c.district == district, link.c[column] == record)
            touched.update(conn.execute(sa.select(link.c.created_run).where(*these).distinct()).scalars())
            found["links"] += conn.execute(link.delete().where(*these)).rowcount
    if row.sis_id is not None:
        same = (decisions.c.district == district, decisions.c.incoming == row.sis_id)
        conn.execute(decisions.delete().where(*same))
    conn.execute(grants.update().where(grants.c.district == district, grants.c.person == record).values(person=None))
    conn.execute(table.delete().where(*mine))
    found["records"] += 1
    gone = [record, *_account_alone(conn, district, row.account)]
    listed = ", ".join(map(str, gone))
    traces = conn.execute(
        sa.text(f"""select c.run, c.number from changes c where c.district = :district
            and (c.record in ({listed}) or {_named_in_links(conn, entity)})"""),
        {"district": district, "record": record},
    ).all()
    touched.update(trace.run for trace in traces)
    if traces:
        one = changes.delete().where(
            changes.c.district == district,
            changes.c.run == sa.bindparam("of_run"),
            changes.c.number == sa.bindparam("of_number"),
        )
        conn.execute(one, [{"of_run": trace.run, "of_number": trace.number} for trace in traces])
    found["changes"] += len(traces)


def _named_in_links(conn: sa.Connection, entity: str) -> str:
    """The condition that a change `c` is of a link with this person at one of its ends."""
    json = Json.of(conn)
    parts = []
    for name, ends in LINKS.items():
        for column in (column for column, of in ends.items() if entity in of):
            either = " or ".join(f"{json.value(side, column, number=True)} = :record" for side in ("before", "after"))
            parts.append(f"(c.entity = '{name}' and ({either}))")
    return f"({' or '.join(parts)})"


def _account_alone(conn: sa.Connection, district: int, account: int | None) -> list[int]:
    """The person's account, which is deleted, where nobody else has it."""
    if account is None:
        return []
    for name in PEOPLE:
        table = RECORDS[name]
        mine = (table.c.district == district, table.c.account == account)
        if conn.execute(sa.select(table.c.id).where(*mine).limit(1)).first() is not None:
            return []
    conn.execute(accounts.delete().where(accounts.c.district == district, accounts.c.id == account))
    return [account]


def _mark(conn: sa.Connection, district: int, numbers: Sequence[int], why: str) -> None:
    for at in range(0, len(numbers), _IN_ONE_QUESTION):
        these = (runs.c.district == district, runs.c.run.in_(numbers[at : at + _IN_ONE_QUESTION]))
        conn.execute(runs.update().where(*these).values(forgotten=why))


def _written(conn: sa.Connection, district: int, who: str, kind: Kind, told: Forgotten) -> Forgotten:
    counts = {
        "history": {"forgotten": told.changes},
        "people": {"erased": told.records},
        "links": {"erased": told.links},
        "lists of files": {"forgotten": told.lists},
    }
    return replace(told, run=note(conn, district, who, kind, counts))


def note(conn: sa.Connection, district: int, who: str, kind: Kind, counts: Mapping[str, Mapping[str, int]]) -> int:
    """Write down that something was removed for good, in numbers alone, as a run; return its number."""
    number = next_run(conn, district)
    moment = now()
    record_run(conn, district, PastRun(number, kind, State.DONE, moment, moment, who, "", counts=counts))
    return number
