"""What the tests of network sources share: servers that end with the test, connections to them, fetched tables."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from rosterdesk.connections import Connection, Fetched, Kind, Part, save
from rosterdesk.run import Run
from rosterdesk.sources.remote import open_source
from tests.servers.districts import oneroster
from tests.servers.roster_http import Behaviour, RosterServer, serving

QUICK = {"pause": "0.001", "timeout": "20"}


class Servers:
    """Starts servers that end with the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def start(self, **behaviour: Any) -> RosterServer:
        made = Behaviour(**{"records": oneroster(), "token": "good", **behaviour})
        return self._stack.enter_context(serving(made))


@pytest.fixture
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


def connected(
    server: RosterServer,
    path: str = "",
    kind: Kind = Kind.ONEROSTER,
    secret: str = "good",
    part: Part = Part.TOKEN,
    **options: str,
) -> Connection:
    """A saved connection `it` to the server; underscores in the names of options stand for hyphens."""
    made = Connection(
        "it", kind, server.address + path, {**QUICK, **{k.replace("_", "-"): v for k, v in options.items()}}
    )
    save(made, {part: secret})
    return made


def fetched(connection: Connection, folder: Path) -> tuple[Fetched, Mapping[str, list[dict[str, str]]]]:
    """What a fetch gives, and its files as rows."""
    folder.mkdir(exist_ok=True)
    got = open_source(connection).fetch(Run(), folder)
    tables = {}
    for path in got.files:
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return got, tables
