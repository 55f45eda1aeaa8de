"""Bodies at random, made by the Prism mock server of the schemas that Clever and 1EdTech publish, become rows.

Set-up installs `prism` (npm @stoplight/prism-cli) where there is npm, or `PRISM` names it; it is no part of the
project.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rosterdesk.errors import UnreachableError
from rosterdesk.net.answer import Answer
from rosterdesk.net.https import Bearer, Https, Patience, Way
from rosterdesk.run import Run
from rosterdesk.sources.clever import rows as clever
from rosterdesk.sources.clever.access import unwrapped
from rosterdesk.sources.oneroster import rows as oneroster
from rosterdesk.sources.oneroster.paging import records_of

_OURS = Path(sys.prefix) / "prism" / "node_modules" / ".bin"  # where set-up puts it
PRISM = os.environ.get("PRISM") or shutil.which("prism") or shutil.which("prism", path=str(_OURS))
pytestmark = [
    pytest.mark.skipif(PRISM is None, reason="the Prism mock server (npm @stoplight/prism-cli) is not installed"),
    pytest.mark.slow,
]
BODIES = 15  # of each collection
CLEVER = {
    "schools": [clever.school],
    "courses": [clever.course],
    "terms": [clever.term],
    "sections": [clever.section, clever.members],
    "users": [lambda record: clever.people(record, "sis"), clever.contacts, clever.attributes],
}


@contextmanager
def mocking(schema: Path) -> Iterator[str]:
    """Prism serving random bodies of a schema; its address."""
    assert PRISM is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [PRISM, "mock", "--dynamic", "--host", "127.0.0.1", "--port", str(port), str(schema)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            assert any("listening" in line for line in process.stdout), "Prism did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.communicate()


def answers(door: Https, address: str) -> Iterator[Answer]:
    """Good answers with random bodies; what Prism itself cannot make is passed over."""
    every = frozenset(range(200, 600))
    found = [door.get(address, accept=every) for _ in range(BODIES)]
    good = [answer for answer in found if answer.status == 200]
    assert good, f"{address}: {found[0].status} {found[0].body[:300]!r}"
    yield from good


def test_oneroster_1_2(fixtures: Path) -> None:
    way = Way(patience=Patience(timeout=60, tries=2, pause=0.001))
    with (
        mocking(fixtures / "oneroster12-openapi" / "rostersservice.yaml") as address,
        Https(Run(), way, Bearer("x")) as door,
    ):
        made = 0
        for name, table in {**oneroster.TABLES, "users": oneroster.USERS_12}.items():
            for answer in answers(door, f"{address}/{name}"):
                records = [r for r in records_of(answer) if isinstance(r, dict)]
                found = table.rows(records)
                assert all(isinstance(cell, str) for row in found for cell in row)
                made += len(found)
                if name == "users":
                    assert all(len(row) == len(oneroster.ROLES) for r in records for row in oneroster.roles_of(r))
        assert made


def test_clever_3_1(fixtures: Path) -> None:
    way = Way(patience=Patience(timeout=60, tries=2, pause=0.001))
    with mocking(fixtures / "clever-swagger" / "v3.1.yml") as address, Https(Run(), way, Bearer("x")) as door:
        made = 0
        for name, turns in CLEVER.items():
            for answer in answers(door, f"{address}/{name}"):
                try:
                    body = answer.json()
                except UnreachableError:
                    continue
                for item in body.get("data") or []:
                    record = unwrapped(item)
                    for turn in turns:
                        found = list(turn(record or {}))
                        assert all(isinstance(cell, str) for row in found for cell in row)
                        made += len(found)
        assert made
