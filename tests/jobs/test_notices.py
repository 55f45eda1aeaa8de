"""Notices by mail and to a web address, to real servers on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from rosterdesk import credentials
from rosterdesk.jobs.file import Notices
from rosterdesk.jobs.notices import KEYRING, Notice, heartbeat, send
from rosterdesk.run import Run
from tests.servers.certificates import certified
from tests.servers.mail import Post

NOTICE = Notice("RosterDesk: nightly waits for you", ("31 students would go.", "Look at it."), {"job": "nightly"})


def to(server: Post, **more: str) -> Notices:
    return Notices(mail=("it@example.org",), smtp=server.address, sender="desk@example.org", desktop=False, **more)  # type: ignore[arg-type]


def test_mail_arrives() -> None:
    with Post() as server:
        assert send(NOTICE, to(server), Run()) == ()
    (message,) = server.received
    assert (message["Subject"], message["To"], message["From"]) == (
        NOTICE.subject,
        "it@example.org",
        "desk@example.org",
    )
    assert message.get_content().split("\r\n" if "\r\n" in message.get_content() else "\n")[:2] == list(
        NOTICE.sentences
    )


def test_mail_goes_encrypted_and_signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, authority = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with Post(tls=context, user=("desk", "s3cret")) as server:
        credentials.keep_secret(KEYRING, "desk localhost", "s3cret")
        assert send(NOTICE, to(server, smtp_user="desk"), Run()) == ()
        credentials.keep_secret(KEYRING, "desk localhost", "wrong")
        (said,) = send(NOTICE, to(server, smtp_user="desk"), Run())
    assert len(server.received) == 1
    assert said.startswith("Nobody could be told by mail: The mail server localhost did not take the password.")


def test_a_certificate_that_does_not_verify_is_never_accepted(tmp_path: Path) -> None:
    context, _ = certified(tmp_path)
    with Post(tls=context) as server:
        (said,) = send(NOTICE, to(server), Run())
    assert server.received == []
    assert "The certificate of the mail server localhost could not be verified." in said


def test_a_missing_password_is_said() -> None:
    with Post() as server:
        (said,) = send(NOTICE, to(server, smtp_user="desk"), Run())
    assert "is not in the keyring" in said
    assert server.received == []


def test_a_server_that_is_not_there_is_said() -> None:
    with Post() as server:
        address = server.address
    (said,) = send(NOTICE, Notices(mail=("it@example.org",), smtp=address, desktop=False), Run())
    assert said.startswith("Nobody could be told by mail: The mail server localhost could not be used.")


@dataclass
class Listener:
    """What a web address was sent."""

    status: int = 200
    heard: list[tuple[str, object]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def listener() -> Iterator[Listener]:
    told = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/json"
            self.answer(json.loads(body))

        def do_GET(self) -> None:
            self.answer(None)

        def answer(self, body: object) -> None:
            told.heard.append((self.command, body))
            self.send_response(told.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    told.address = f"http://127.0.0.1:{server.server_address[1]}/hook"
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_web_address_is_told_as_json(listener: Listener) -> None:
    listener.status = 204
    assert send(NOTICE, Notices(webhook=listener.address, desktop=False), Run()) == ()
    assert listener.heard == [
        ("POST", {"subject": NOTICE.subject, "text": "31 students would go.\nLook at it.\n", "job": "nightly"})
    ]


def test_a_web_address_that_refuses_is_said(listener: Listener) -> None:
    listener.status = 403
    (said,) = send(NOTICE, Notices(webhook=listener.address, desktop=False), Run())
    assert said.startswith("Nobody could be told to the web address: ")


def test_a_heartbeat_is_heard(listener: Listener) -> None:
    assert heartbeat(Notices(heartbeat=listener.address), Run()) == ()
    assert listener.heard == [("GET", None)]
    assert heartbeat(Notices(), Run()) == ()
