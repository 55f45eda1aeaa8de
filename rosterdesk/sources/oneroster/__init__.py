"""Any server that speaks OneRoster REST 1.1 or 1.2: its whole collections become OneRoster CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rosterdesk.connections import Connection, Fetched, Findings, Place, Said, Tested, Verdict
from rosterdesk.errors import UnreachableError
from rosterdesk.log import log
from rosterdesk.net import faults
from rosterdesk.net.https import Https
from rosterdesk.run import Run
from rosterdesk.sources.oneroster import access, changes, partners, rows
from rosterdesk.sources.oneroster.access import Access
from rosterdesk.sources.oneroster.byrole import NO_USERS, read_by_role
from rosterdesk.sources.oneroster.changes import Position
from rosterdesk.sources.oneroster.families import families
from rosterdesk.sources.oneroster.paging import Pages, page_address, read_pages, records_of
from rosterdesk.sources.tablefile import TableFile, distinct, text
from rosterdesk.sources.ways import address_of, amount, switch, way_of

_PAGE = 5000  # Microsoft asks for as many; servers that allow fewer give fewer
_READS = 3  # of one collection that changes while it is read
_TITLES = {
    "orgs": "schools",
    "academicSessions": "terms",
    "classes": "classrooms",
    "users": "people",
    "enrollments": "enrollments",
    "demographics": "birth dates",
}
# Without these there is no roster; the others may be kept from us.
_NEEDED = ("orgs", "classes", "users", "enrollments")


@dataclass
class _Fetch:
    """What has been fetched so far."""

    folder: Path
    files: list[Path] = field(default_factory=list)
    unproven: dict[Path, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    totals: dict[str, int] = field(default_factory=dict)
    since: str = ""  # only what has changed after this
    records: int = 0

    @property
    def where(self) -> str:
        return changes.later_than(self.since) if self.since else ""


class _NotHonoured(Exception):
    """The server does not keep to the filter."""

    def __init__(self, title: str) -> None:
        super().__init__(f"The server does not keep to a filter by date for {title}")


class _TooMuch(Exception):
    """More has changed than is worth asking for one by one."""

    def __init__(self, title: str) -> None:
        super().__init__(f"More {title} have changed than can be asked for one by one")


class OneRosterSource:
    """A connection to a OneRoster server. Options: auth, client-id, signature, token-url, scope, version, page-size,
    demographics (yes or no), delta (yes or no: jobs read only changes between full reads), full-every (hours between
    these, default 24), and those of `ways.way_of`.
    """

    usual_way = "oauth2"

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.page = int(amount(connection, "page-size", _PAGE, 10_000))

    def test(self, run: Run) -> Tested:
        """Sign in as a run would, and count what is shared."""
        findings, counts, schools, districts = Findings(run), dict[str, int](), list[Place](), list[Place]()
        with self.opened(run) as (door, found):
            findings.add(Verdict.GOOD, f"The server is reached: OneRoster {found.version} at {found.base}.")

            def places(records: Sequence[Any]) -> None:
                for org in (r for r in records if isinstance(r, dict)):
                    place = Place(text(org.get("sourcedId")), text(org.get("name")))
                    if text(org.get("type")).lower() == "school":
                        schools.append(place)
                    elif text(org.get("type")).lower() == "district":
                        districts.append(place)

            read_pages(door, found.base, "orgs", self.page, places, run, "Reading schools")
            findings.add(Verdict.GOOD, f"We are signed in{f' ({door.signer.name})' if door.signer else ''}.")
            for collection in self._collections():
                findings.take(self._counted(door, found, collection, counts))
        if not schools:
            findings.add(Verdict.BAD, "No school is shared with us.")
        return Tested(findings.said, tuple(districts), tuple(schools), counts)

    def fetch(self, run: Run, folder: Path) -> Fetched:
        """Every collection as a OneRoster CSV file. Raises `UnreachableError` when one of them can't be had whole."""
        with self.opened(run) as (door, found):
            return self._whole(door, found, folder, run)

    def fetch_since(self, run: Run, folder: Path, since: str) -> Fetched:
        """What has changed since the position, where the server keeps to a filter by date; else everything."""
        if not switch(self.connection, "delta", False):
            return self.fetch(run, folder)
        position, every = Position.of(since), amount(self.connection, "full-every", changes.FULL_EVERY)
        with self.opened(run) as (door, found):
            now = door.get(page_address(found.base, "orgs", 1, 0)).date()
            why = ""
            if position is not None and now is not None and not position.is_old(now, every):
                try:
                    return self._changes(door, found, folder, position, now, run)
                except (_NotHonoured, _TooMuch) as error:
                    why = f"{error.args[0]}, so everything was read."
                    for file in folder.iterdir():
                        file.unlink()
            elif now is None:
                why = "The server does not tell the time, so everything was read."
            got = self._whole(door, found, folder, run)
        kept = str(Position(now, now)) if now is not None else ""
        return replace(got, notes=(*got.notes, *([why] if why else [])), position=kept)

    def _whole(self, door: Https, found: Access, folder: Path, run: Run) -> Fetched:
        done = _Fetch(folder)
        for collection in self._collections():
            self._collection(door, found, collection, done, run)
        self._look_again(door, found, done)
        done.notes += families(folder, found.version)
        return Fetched(tuple(done.files), done.unproven, tuple(done.notes))

    def _changes(
        self, door: Https, found: Access, folder: Path, position: Position, now: datetime, run: Run
    ) -> Fetched:
        done = _Fetch(folder)
        # Schools are few, and people of a school that is not among those told would be left out.
        self._collection(door, found, "orgs", done, run)
        done.since, done.records = position.since, 0
        for collection in self._collections():
            if collection == "orgs":
                continue
            if collection not in _NEEDED and self._kept_from_us(door, found, collection):
                continue
            run.report(f"Asking for what has changed among the {_TITLES[collection]}")
            if not changes.proven(door, found.base, collection):
                raise _NotHonoured(_TITLES[collection])
            self._collection(door, found, collection, done, run)
        for collection in ("demographics", "users"):
            self._other_halves(door, found, collection, done)
        reason = "Only what has changed was read; who is missing is not taken away."
        manifest = changes.write_manifest(folder, found.version, [path.stem for path in done.files])
        note = (
            f"Only what has changed since {position.since[:16].replace('T', ' ')} UTC was read: {done.records:,} "
            f"records. All were read last at {position.full:%Y-%m-%d %H:%M} UTC."
        )
        unproven = dict.fromkeys(done.files, reason)
        kept = str(Position(position.full, now))
        return Fetched((*done.files, manifest), unproven, (note, *done.notes), kept)

    def _other_halves(self, door: Https, found: Access, collection: str, done: _Fetch) -> None:
        ids = partners.lacking(done.folder, collection)
        if len(ids) > partners.MOST:
            raise _TooMuch(_TITLES[collection])
        cells = rows.USERS_12 if collection == "users" and found.version == "1.2" else rows.TABLES[collection]
        with (
            TableFile(done.folder, collection, cells.columns, add=True) as table,
            TableFile(done.folder, "roles" if cells is rows.USERS_12 else ".roles", rows.ROLES, add=True) as roles,
        ):

            def take(records: list[Any]) -> None:
                table.add(cells.rows(records))
                if cells is rows.USERS_12:
                    roles.add([row for record in records for row in rows.roles_of(record)])

            partners.ask(door, found.base, collection, ids, take)

    @contextmanager
    def opened(self, run: Run) -> Iterator[tuple[Https, Access]]:
        """A signed way to the server, and where its collections are."""
        address, way = address_of(self.connection), way_of(self.connection)
        with Https(run, way) as plain:
            signer = access.signer(self.connection, address, plain, self.usual_way)
            with Https(run, way, signer) as door:
                yield door, access.find(self.connection, address, door)

    def _collections(self) -> list[str]:
        return [c for c in rows.TABLES if c != "demographics" or switch(self.connection, "demographics", True)]

    def _counted(self, door: Https, found: Access, collection: str, counts: dict[str, int]) -> Said:
        title = _TITLES[collection]
        answer = door.get(page_address(found.base, collection, 1, 0), accept=frozenset({401, 403, 404}))
        if answer.status in (401, 403):
            verdict = Verdict.BAD if collection in _NEEDED else Verdict.LIMITED
            return Said(verdict, f"The server does not let us read {title} ({collection}).")
        if answer.status == 404:
            return Said(Verdict.LIMITED, f"The server has no {title} ({collection}).")
        total = answer.number("x-total-count")
        some = len(records_of(answer))
        if total is None:
            verdict = Verdict.GOOD if some else Verdict.LIMITED
            return Said(verdict, f"{'There are' if some else 'There are no'} {title}.")
        counts[title] = total
        return Said(Verdict.GOOD if total else Verdict.LIMITED, f"{total:,} {title}.")

    def _collection(self, door: Https, found: Access, collection: str, done: _Fetch, run: Run) -> None:
        if collection not in _NEEDED and (reason := self._kept_from_us(door, found, collection)):
            done.notes.append(reason)
            return
        for _ in range(_READS):
            pages, whole = self._read(door, found, collection, done, run)
            if whole:
                break
            log.info("reading %s again: it changed meanwhile", collection)
        else:
            raise UnreachableError(
                f"The {_TITLES[collection]} changed while they were read, {_READS} times over.",
                f"Run again at a quieter hour. {faults.KEPT}",
                f"{collection}: the server named {pages.total} records",
            )
        path = done.folder / f"{collection}.csv"
        mine = [path, *([done.folder / "roles.csv"] if collection == "users" and found.version == "1.2" else [])]
        done.files += [p for p in mine if p not in done.files]
        if pages.total is not None:
            done.totals[collection] = pages.total
        reason = ""
        done.records += pages.records
        if done.since:
            return
        if pages.missing:
            reason = f"The server has no {_TITLES[collection]} ({collection})."
        elif not pages.ended:
            reason = f"Nothing tells whether these are all {_TITLES[collection]}; who is missing is not taken away."
        if reason:
            done.notes.append(reason)
            done.unproven |= dict.fromkeys(mine, reason)

    def _kept_from_us(self, door: Https, found: Access, collection: str) -> str:
        """Why we go on without a collection that no roster needs, or nothing. A server must say it twice."""
        address = page_address(found.base, collection, 1, 0)
        for _ in range(2):
            answer = door.get(address, accept=frozenset({403, 404}))
            if answer.status == 200 or answer.html:
                return ""
        if answer.status == 403:
            return f"The server does not let us read {_TITLES[collection]}."
        return f"The server has no {_TITLES[collection]} ({collection})."

    def _read(self, door: Https, found: Access, collection: str, done: _Fetch, run: Run) -> tuple[Pages, bool]:
        """One reading of a collection into its file, and whether it holds as many records as the server named."""
        cells = rows.USERS_12 if collection == "users" and found.version == "1.2" else rows.TABLES[collection]
        nameless = 0
        with (
            TableFile(done.folder, collection, cells.columns) as table,
            TableFile(done.folder, "roles" if cells is rows.USERS_12 else ".roles", rows.ROLES) as roles,
        ):

            def take(records: Sequence[Any]) -> None:
                nonlocal nameless
                if done.since and changes.earlier(records, done.since):
                    raise _NotHonoured(_TITLES[collection])
                known = [r for r in records if isinstance(r, dict) and r.get("sourcedId") not in (None, "")]
                nameless += len(records) - len(known)
                table.add(cells.rows(known))
                if cells is rows.USERS_12:
                    roles.add([row for record in known for row in rows.roles_of(record)])

            what = f"Reading {_TITLES[collection]}"
            pages = read_pages(door, found.base, collection, self.page, take, run, what, done.where)
            if collection == "users" and pages.missing:
                pages = read_by_role(door, found.base, self.page, take, run, done.where)
                if not pages.missing and NO_USERS not in done.notes:
                    done.unproven[table.path] = NO_USERS
                    done.notes.append(NO_USERS)
        if cells is rows.USERS_12:
            distinct(roles.path, roles.columns, "sourcedId")
        different = distinct(table.path, table.columns, "sourcedId") + nameless
        if nameless:
            reason = f"{nameless:,} {_TITLES[collection]} came without an ID and are left out."
            done.notes.append(reason)
            done.unproven[table.path] = reason
        return pages, pages.total is None or (pages.steady and different == pages.total)

    def _look_again(self, door: Https, found: Access, done: _Fetch) -> None:
        """Ask once more how many records there are: what changed meanwhile may be missing from tables read earlier."""
        for collection, total in done.totals.items():
            if collection == "users" and done.folder / "users.csv" in done.unproven:
                continue
            answer = door.get(page_address(found.base, collection, 1, 0))
            if answer.number("x-total-count") != total:
                reason = f"The {_TITLES[collection]} changed while the rest was read; who is missing is not taken away."
                done.notes.append(reason)
                done.unproven |= dict.fromkeys(done.files, reason)
