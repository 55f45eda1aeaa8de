"""Any server that speaks OneRoster REST 1.1 or 1.2: its whole collections become OneRoster CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rosterdesk.connections import Connection, Fetched, Place, Said, Tested, Verdict
from rosterdesk.errors import UnreachableError
from rosterdesk.log import log
from rosterdesk.net import faults
from rosterdesk.net.https import Https
from rosterdesk.run import Run
from rosterdesk.sources.oneroster import access, rows
from rosterdesk.sources.oneroster.access import Access
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


class OneRosterSource:
    """A connection to a OneRoster server. Options: auth, client-id, signature, token-url, scope, version, page-size,
    demographics (yes or no), and those of `ways.way_of`.
    """

    usual_way = "oauth2"

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.page = int(amount(connection, "page-size", _PAGE, 10_000))

    def test(self, run: Run) -> Tested:
        """Sign in as a run would, and count what is shared."""
        said, counts, schools, districts = [], dict[str, int](), list[Place](), list[Place]()
        with self.opened(run) as (door, found):
            said.append(Said(Verdict.GOOD, f"The server is reached: OneRoster {found.version} at {found.base}."))
            said.append(Said(Verdict.GOOD, f"We are signed in{f' ({door.signer.name})' if door.signer else ''}."))

            def places(records: Sequence[Any]) -> None:
                for org in (r for r in records if isinstance(r, dict)):
                    place = Place(text(org.get("sourcedId")), text(org.get("name")))
                    if text(org.get("type")).lower() == "school":
                        schools.append(place)
                    elif text(org.get("type")).lower() == "district":
                        districts.append(place)

            read_pages(door, found.base, "orgs", self.page, places, run, "Reading schools")
            said += [self._counted(door, found, collection, counts) for collection in self._collections()]
        if not schools:
            said.append(Said(Verdict.BAD, "No school is shared with us."))
        return Tested(tuple(said), tuple(districts), tuple(schools), counts)

    def fetch(self, run: Run, folder: Path) -> Fetched:
        """Every collection as a OneRoster CSV file. Raises `UnreachableError` when one of them can't be had whole."""
        done = _Fetch(folder)
        with self.opened(run) as (door, found):
            for collection in self._collections():
                self._collection(door, found, collection, done, run)
            self._look_again(door, found, done)
        done.notes += families(folder, found.version)
        return Fetched(tuple(done.files), done.unproven, tuple(done.notes))

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
            return Said(
                Verdict.GOOD if some else Verdict.LIMITED, f"{'There are' if some else 'There are no'} {title}."
            )
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
                known = [r for r in records if isinstance(r, dict) and r.get("sourcedId") not in (None, "")]
                nameless += len(records) - len(known)
                table.add(cells.rows(known))
                if cells is rows.USERS_12:
                    roles.add([row for record in known for row in rows.roles_of(record)])

            pages = read_pages(door, found.base, collection, self.page, take, run, f"Reading {_TITLES[collection]}")
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
            answer = door.get(page_address(found.base, collection, 1, 0))
            if answer.number("x-total-count") != total:
                reason = f"The {_TITLES[collection]} changed while the rest was read; who is missing is not taken away."
                done.notes.append(reason)
                done.unproven |= dict.fromkeys(done.files, reason)
