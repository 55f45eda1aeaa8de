"""Clever's Data API 3.0 and 3.1: a district's whole collections become the files that the program reads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rosterdesk.connections import Connection, Fetched, Findings, Place, Said, Tested, Verdict, memory
from rosterdesk.errors import UnreachableError, UsageError
from rosterdesk.net import faults
from rosterdesk.net.https import Bearer, Https
from rosterdesk.run import Run
from rosterdesk.sources.clever import events, rows
from rosterdesk.sources.clever.access import Clever, Pages, base_of, token
from rosterdesk.sources.clever.assembly import EMERGENCY, Choices, assemble
from rosterdesk.sources.clever.events import FULL_EVERY, Position, ReadAll, Turns, last_event
from rosterdesk.sources.tablefile import TableFile, distinct, text
from rosterdesk.sources.ways import amount, choice, several, switch, way_of

_READS = 2  # of a district that is synchronised while it is read
_OLD = timedelta(days=3)
_WHAT = {"schools": "schools", "courses": "courses", "terms": "terms", "sections": "classrooms", "users": "people"}
_SPARED = ("courses", "terms")
_ROLES = {"student": "students", "teacher": "teachers", "staff": "staff", "contact": "contacts"}


class CleverSource:
    """A connection to Clever. Options: district, client-id, token-url, version, page-size; people-ids (sis, number,
    clever), schools (all, primary), sections (all, homeroom), subjects, guardians (yes, no), relationships,
    contact-types, leave-out-types, district-staff (yes, no), schools-table (a CSV file), events (yes or no: jobs read
    only changes between full reads), full-every (hours between these, default 24); and those of `ways.way_of`.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.ids = choice(connection, "people-ids", ("sis", "number", "clever"))
        table = connection.options.get("schools-table", "")
        if table and not Path(table).is_file():
            raise UsageError(f"There is no file {table}.", "Name the schools' table with --option schools-table=FILE.")
        given = "leave-out-types" in connection.options
        self.choices = Choices(
            all_schools=choice(connection, "schools", ("all", "primary")) == "all",
            homeroom_only=choice(connection, "sections", ("all", "homeroom")) == "homeroom",
            subjects=several(connection, "subjects"),
            guardians=switch(connection, "guardians", True),
            relationships=several(connection, "relationships"),
            types=several(connection, "contact-types"),
            left_out_types=several(connection, "leave-out-types") if given else EMERGENCY,
            district_staff=switch(connection, "district-staff", True),
            schools_table=Path(table) if table else None,
        )
        if "emergency" in self.choices.types and not given:
            self.choices = replace(self.choices, left_out_types=frozenset())

    def test(self, run: Run) -> Tested:
        """Sign in as a run would; tell the district's state, its schools, and what is shared."""
        found, counts = Findings(run), dict[str, int]()
        with self._opened(run) as clever:
            district = _district(clever)
            found.add(Verdict.GOOD, f"Clever is reached at {base_of(self.connection)}, and we are signed in.")
            state, sentence = _state(district)
            found.add(state, sentence)
            schools = [
                Place(text(s.get("id")), text(s.get("name")))
                for page in clever.pages("schools", "Reading schools")
                for s in page
            ]
            good = Verdict.GOOD if schools else Verdict.BAD
            found.add(good, f"{len(schools):,} schools are shared with us.")
            counts["schools"] = len(schools)
            for role, title in _ROLES.items():
                found.take(_shared(clever, f"users?role={role}", title, counts, needed=role == "student"))
            found.take(_shared(clever, "sections", "classrooms", counts, needed=True))
        place = Place(text(district.get("id")), text(district.get("name")))
        return Tested(found.said, (place,), tuple(schools), counts)

    def fetch(self, run: Run, folder: Path) -> Fetched:
        """The district as files. Raises `UnreachableError` when a page can't be had, or the data moves."""
        for _ in range(_READS):
            with self._opened(run) as clever:
                before = _district(clever)
                raw, notes = self._collections(clever, folder)
                after = _district(clever)
            if before.get("last_sync") == after.get("last_sync"):
                break
        else:
            raise UnreachableError(
                "Clever took in new data while we read.",
                f"Run again at a quieter hour. {faults.KEPT}",
                "last_sync moved",
            )
        files, told = assemble(raw, folder, self.choices, memory(self.connection))
        verdict, sentence = _state(after)
        unproven = {}
        if verdict is not Verdict.GOOD:
            told.append(sentence)
        if text(after.get("state")) in ("pending", "error"):
            unproven = dict.fromkeys(files, f"{sentence} Who is missing is not taken away.")
        return Fetched(tuple(files), unproven, (*notes, *told))

    def fetch_since(self, run: Run, folder: Path, since: str) -> Fetched:
        """What events tell of since the position; everything where they can't, and at a set interval to check them."""
        if not switch(self.connection, "events", False):
            return self.fetch(run, folder)
        now, position = datetime.now(UTC), Position.of(since)
        why = ""
        with self._opened(run) as clever:
            if position is not None and not position.is_due(now, amount(self.connection, "full-every", FULL_EVERY)):
                try:
                    return self._changes(clever, folder, position, now)
                except ReadAll as error:
                    why = f"{error}, so everything was read."
                    for left in folder.iterdir():
                        shutil.rmtree(left) if left.is_dir() else left.unlink()
            # Before the read: what happens meanwhile is told by events once more.
            event = last_event(clever)
        got = self.fetch(run, folder)
        return replace(got, notes=(*got.notes, *([why] if why else [])), position=str(Position(now, now, event)))

    def _changes(self, clever: Clever, folder: Path, position: Position, now: datetime) -> Fetched:
        if self.choices.schools_table is not None:
            raise ReadAll("A table of schools looks at all students and classrooms")
        changed = events.since(clever, position, now)
        raw = folder / ".raw"
        raw.mkdir(mode=0o700, exist_ok=True)
        turns = self._turns()
        files, notes = self._read(clever, raw, {name: turns[name] for name in ("schools", "courses", "terms")})
        files |= events.write(clever, changed, raw, turns)
        written, told = assemble(files, folder, self.choices, memory(self.connection))
        manifest = events.write_manifest(folder, [path.stem for path in written])
        reason = "Only what has changed was read; who is missing is not taken away."
        note = (
            f"Only what has changed since {position.read:%Y-%m-%d %H:%M} UTC was read, by {changed.count:,} events. "
            f"All were read last at {position.full:%Y-%m-%d %H:%M} UTC."
        )
        kept = str(Position(position.full, now, changed.last))
        return Fetched((*written, manifest), dict.fromkeys(written, reason), (note, *notes, *told), kept)

    @contextmanager
    def _opened(self, run: Run) -> Iterator[Clever]:
        way = way_of(self.connection)
        with Https(run, way) as plain:
            kept = token(self.connection, plain)
        with Https(run, way, Bearer(kept)) as door:
            yield Clever(self.connection, run, door)

    def _collections(self, clever: Clever, folder: Path) -> tuple[dict[str, Path], list[str]]:
        """Every collection into its flat files. Raises `UnreachableError` when Clever has more records than it gave."""
        raw = folder / ".raw"
        raw.mkdir(mode=0o700, exist_ok=True)
        return self._read(clever, raw, self._turns())

    def _turns(self) -> dict[str, Turns]:
        """What becomes of the records of each collection: tables, and what makes their rows."""
        return {
            "schools": {"schools": rows.school},
            "courses": {"courses": rows.course},
            "terms": {"terms": rows.term},
            "sections": {"sections": rows.section, "members": rows.members},
            "users": {
                "people": lambda r: rows.people(r, self.ids),
                "contacts": rows.contacts,
                "attributes": rows.attributes,
            },
        }

    def _read(self, clever: Clever, raw: Path, made: Mapping[str, Turns]) -> tuple[dict[str, Path], list[str]]:
        files, notes = dict[str, Path](), list[str]()
        for path, turns in made.items():
            with ExitStack() as stack:
                tables = {n: stack.enter_context(TableFile(raw, n, rows.COLUMNS[n])) for n in turns}
                if path in _SPARED and _kept_from_us(clever, path):
                    notes.append(f"Clever does not let us read {_WHAT[path]}.")
                    files |= {name: table.path for name, table in tables.items()}
                    continue
                pages = clever.pages(path, f"Reading {_WHAT[path]}")
                nameless = _write(pages, turns, tables)
            files |= {name: table.path for name, table in tables.items()}
            if nameless:
                notes.append(f"{nameless:,} {_WHAT[path]} came without an ID and are left out.")
            if pages.count is not None and pages.count != pages.records:
                raise UnreachableError(
                    f"Clever gave {pages.records:,} {_WHAT[path]} of {pages.count:,}.",
                    f"Run again; if it stays so, tell Clever's support. {faults.KEPT}",
                    path,
                )
        for name in ("schools", "courses", "terms", "sections"):
            if name in files:
                distinct(files[name], rows.COLUMNS[name], "id")
        return files, notes


def _kept_from_us(clever: Clever, path: str) -> bool:
    """Whether a collection that gives no more than names is not shared. A server must say it twice."""
    denied = frozenset({403, 404})
    return all(clever.get(f"{path}?limit=1", accept=denied).status in denied for _ in range(2))


def _write(pages: Pages, turns: Turns, tables: Mapping[str, TableFile]) -> int:
    """Write the rows of each page; return how many records have no ID."""
    nameless = 0
    for page in pages:
        known = [record for record in page if record.get("id") not in (None, "")]
        nameless += len(page) - len(known)
        for name, turn in turns.items():
            tables[name].add([row for record in known for row in turn(record)])
    return nameless


def _district(clever: Clever) -> Mapping[str, Any]:
    for page in clever.pages("districts", "Looking at the district"):
        for record in page:
            return record
    raise UnreachableError("Clever shows us no district.", f"Look whether the token is a district's. {faults.KEPT}")


def _state(district: Mapping[str, Any]) -> tuple[Verdict, str]:
    """What the district's state at Clever means."""
    name, state = text(district.get("name")) or "The district", text(district.get("state"))
    last = text(district.get("last_sync"))
    when = f" Its data is of {last[:16].replace('T', ' ')} UTC." if last else ""
    match state:
        case "error":
            return Verdict.LIMITED, f"{name}: its sync to Clever has failed.{when}"
        case "paused":
            until = text(district.get("pause_end"))[:10]
            return Verdict.LIMITED, f"{name}: its sync to Clever is paused{f' until {until}' if until else ''}.{when}"
        case "pending":
            return Verdict.LIMITED, f"{name}: its data is not all at Clever yet.{when}"
    try:
        old = datetime.now(UTC) - datetime.fromisoformat(last) > _OLD
    except (ValueError, TypeError):
        old = False
    if old:
        return Verdict.LIMITED, f"{name}: Clever has had nothing new of it for days.{when}"
    return Verdict.GOOD, f"{name} is up to date at Clever.{when}"


def _shared(clever: Clever, path: str, title: str, counts: dict[str, int], *, needed: bool) -> Said:
    mark = "&" if "?" in path else "?"
    answer = clever.get(f"{path}{mark}limit=1&count=true", accept=frozenset({400, 401, 403, 404}))
    lacking = Verdict.BAD if needed else Verdict.LIMITED
    if answer.status != 200:
        return Said(lacking, f"The scopes do not allow {title}.")
    body = answer.json()
    body = body if isinstance(body, dict) else {}
    count = text(body.get("count"))
    if count.isdigit():
        counts[title] = int(count)
        return Said(Verdict.GOOD if int(count) else lacking, f"{int(count):,} {title}.")
    return Said(Verdict.GOOD, f"There are {title}.") if body.get("data") else Said(lacking, f"No {title} are shared.")
