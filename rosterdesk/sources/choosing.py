"""What a connection may be narrowed to before it is used: the districts of a client at Clever, the applications of a
token at ClassLink's proxy. A person chooses among them by their names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rosterdesk.connections import Connection, Kind, Part, Place, needed_secret
from rosterdesk.errors import UnreachableError
from rosterdesk.net.https import Bearer, Https
from rosterdesk.run import Run
from rosterdesk.sources.tablefile import text
from rosterdesk.sources.ways import address_of, way_of

if TYPE_CHECKING:
    from rosterdesk.sources.clever.access import Clever

_NAMED = 50  # each name is a request of its own


@dataclass(frozen=True, slots=True)
class Choice:
    """The option that says which one is meant, and what it may be."""

    option: str
    places: tuple[Place, ...]


def choice_of(connection: Connection, run: Run) -> Choice | None:
    """What is to be chosen before the connection can be used; None: nothing, or it is chosen already.

    Raises `UnreachableError`, `SecretError`, `Cancelled`.
    """
    if connection.kind is Kind.CLEVER and connection.options.get("client-id") and not _set(connection, "district"):
        return Choice("district", _districts(connection, run))
    if connection.kind is Kind.CLASSLINK_PROXY and not _set(connection, "application"):
        return Choice("application", _applications(connection, run))
    return None


def _set(connection: Connection, option: str) -> bool:
    return bool(connection.options.get(option, "").strip())


def _districts(connection: Connection, run: Run) -> tuple[Place, ...]:
    from rosterdesk.sources.clever.access import Clever, tokens

    way = way_of(connection)
    run.report("Asking which districts there are")
    with Https(run, way) as plain:
        found = sorted(tokens(connection, plain).items())
    places = []
    for at, (district, token) in enumerate(found):
        name = ""
        if 1 < len(found) <= _NAMED:
            run.report("Asking for the districts' names", at, len(found))
            with Https(run, way, Bearer(token)) as door:
                name = _name(Clever(connection, run, door))
        places.append(Place(district, name))
    return tuple(sorted(places, key=lambda place: (place.name.casefold(), place.id)))


def _name(clever: Clever) -> str:
    """The name of a token's district; nothing where it is not told, as the ID is enough to choose."""
    try:
        return next((text(one.get("name")) for page in clever.pages("districts", "") for one in page), "")
    except UnreachableError:
        return ""


def _applications(connection: Connection, run: Run) -> tuple[Place, ...]:
    from rosterdesk.sources.classlink import PROXY, applications

    run.report("Asking which applications there are")
    with Https(run, way_of(connection), Bearer(needed_secret(connection, Part.TOKEN))) as door:
        found = applications(door, address_of(connection, PROXY))
    return tuple(Place(one.id, ", ".join(part for part in (one.name, one.tenant) if part)) for one in found)
