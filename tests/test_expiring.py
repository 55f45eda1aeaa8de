"""What of a connection is known to end: tokens that say so, and certificates of real authorities."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rosterdesk import connections
from rosterdesk.connections import Connection, Kind, Part
from rosterdesk.expiring import ends, token_end
from rosterdesk.gui.needs import expiring
from tests.servers.certificates import certified

SOON = datetime(2026, 12, 1, 6, 0, tzinfo=UTC)


def token(claims: object) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{middle}.c2lnbmVk"


@pytest.mark.parametrize(
    "text", ["", "abc", "a.b.c", "a.b", token({"sub": "x"}), token([1]), token({"exp": "soon"}), token({"exp": 1e300})]
)
def test_a_token_that_does_not_say_when_it_ends(text: str) -> None:
    assert token_end(text) is None


def test_the_end_of_a_token_is_kept_without_the_token(home: Path) -> None:
    made = token({"exp": SOON.timestamp()})
    connections.save(Connection("it", Kind.ONEROSTER, "https://sis.example"), {Part.TOKEN: made})
    kept = connections.load("it")
    assert [(end.what, end.when) for end in ends(kept.options)] == [("Its token", SOON)]
    assert made not in (home / "connections" / "it.toml").read_text()


def test_the_end_of_an_authority(tmp_path: Path) -> None:
    _, authority = certified(tmp_path)
    (end,) = ends({"ca-file": str(authority)})
    assert timedelta(days=29) < end.when - datetime.now(UTC) < timedelta(days=31)
    assert ends({"ca-file": str(tmp_path / "gone.pem")}) == ()
    (tmp_path / "odd.pem").write_text("no certificate")
    assert ends({"ca-file": str(tmp_path / "odd.pem")}) == ()
    assert ends({"token-ends": "some day"}) == ()


def test_home_tells_of_what_ends_within_a_month() -> None:
    def told(days: int) -> list[str]:
        connection = Connection("it", Kind.ONEROSTER, "", {"token-ends": SOON.isoformat()})
        return [f"{need.kind}: {need.title}" for need in expiring([connection], SOON - timedelta(days=days))]

    assert told(31) == []
    assert told(29) == ["expires: The connection it ends soon"]
    assert told(0) == ["expires: The connection it has ended"]
