"""A real HTTP server on a loopback socket that speaks OneRoster, ClassLink's proxy and Clever, and can be made to fail.

It pages, limits, expires tokens, signs and checks by itself (no library of ours), stalls, cuts the line, answers HTML,
and changes its data while it is read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote, urlsplit

Records = dict[str, list[Any]]


@dataclass
class Behaviour:
    """What the server holds and how it behaves; tests change it at will."""

    records: Records = field(default_factory=dict)
    bases: tuple[str, ...] = ("/ims/oneroster/v1p1",)
    largest: int = 10_000  # the most records on a page, whatever is asked for
    links: bool = True
    totals: bool = True
    honours_offset: bool = True
    filters: str = "honoured"  # or "ignored", "refused": what becomes of a filter by date
    ends: str = "known"  # or "ignored", "refused": what becomes of Clever's ending_before
    absent: str = "empty"  # or "404": what an empty collection answers
    token: str = ""  # the bearer token that is accepted
    client: tuple[str, str] | None = None  # an OAuth client: Basic for tokens, or what OAuth 1.0a signs with
    oauth1: str = ""  # the one signature method that is accepted
    span: int = 3600  # seconds that an OAuth 2 token lives
    uses: int = 1_000_000  # requests that an OAuth 2 token lives
    scopes: frozenset[str] = frozenset()  # those that exist; empty: any
    forbidden: frozenset[str] = frozenset()  # collections that answer 403
    applications: Any = None
    server: Any = None  # ClassLink: what is told of the server behind the proxy
    tokens: dict[str, str] = field(default_factory=dict)  # Clever: district -> token
    clock: float = 0.0  # seconds by which the Date header is wrong
    version: str = "v3.1"
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[int], None] = lambda number: None
    faults: dict[int, str] = field(default_factory=dict)  # request number -> how it breaks
    always: str = ""  # every request breaks so
    fault_text: str = ""  # what a refusal says


class RosterServer(ThreadingHTTPServer):
    """The server. `asked` lists the requests as they came: path with query, raw."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behaviour = behaviour
        self.asked: list[str] = []
        self.seen: list[Mapping[str, str]] = []
        self.grants: dict[str, tuple[float, int]] = {}
        self.let_go = threading.Event()  # ends every stall
        self.stalled = threading.Event()
        self.lock = threading.Lock()
        self.secure = False

    @property
    def address(self) -> str:
        host = "localhost" if self.secure else "127.0.0.1"
        return f"{'https' if self.secure else 'http'}://{host}:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: RosterServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def _answer(self, sent: bytes) -> None:
        server, how = self.server, self.server.behaviour
        with server.lock:
            number = len(server.asked)
            server.asked.append(self.path)
            server.seen.append(dict(self.headers.items()))
        how.before(number)
        fault = how.always or how.faults.get(number, "")
        status, headers, body = _Reply(server, self, sent).made()
        if fault:
            broken = self._broken(fault, status, headers, body)
            if broken is None:
                return
            status, headers, body = broken
        self._send(status, headers, body, len(body))

    def _send(self, status: int, headers: Mapping[str, str], body: bytes, length: int) -> None:
        self.send_response_only(status)
        self.send_header("Date", formatdate(time.time() + self.server.behaviour.clock, usegmt=True))
        self.send_header("Content-Length", str(length))
        for name, value in {"Content-Type": "application/json", **self.server.behaviour.headers, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _broken(
        self, fault: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes] | None:
        """The answer broken in one way; None when it was sent already, or never will be."""
        match fault:
            case "cut":
                self._send(status, headers, body[: len(body) // 2], len(body))
                self._hang_up()
                return None
            case "reset":
                self._hang_up()
                return None
            case "stall":
                self.server.stalled.set()
                self.server.let_go.wait()
                self._hang_up()
                return None
            case "html":
                page = b"<!DOCTYPE html><html><body>Sign in to the network</body></html>"
                return 200, {"Content-Type": "text/html"}, page
            case "half":
                return status, headers, body[: len(body) // 2]
            case "429":
                return 429, {"Retry-After": "0"}, b'{"message": "too many"}'
            case "redirect":
                return 302, {"Location": "https://elsewhere.example/login"}, b""
            case _:
                return (
                    int(fault),
                    {},
                    json.dumps({"imsx_description": self.server.behaviour.fault_text or f"fault {fault}"}).encode(),
                )

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class _Reply:
    """Makes the right answer to one request."""

    def __init__(self, server: RosterServer, handler: _Handler, sent: bytes) -> None:
        self.server, self.how, self.handler, self.sent = server, server.behaviour, handler, sent
        parts = urlsplit(handler.path)
        self.path, self.query = parts.path, parse_qs(parts.query, keep_blank_values=True)
        self.sign = handler.headers.get("Authorization", "")

    def made(self) -> tuple[int, Mapping[str, str], bytes]:
        status, headers, body = self._made()
        return status, headers, json.dumps(body).encode()

    def _made(self) -> tuple[int, Mapping[str, str], Any]:
        how = self.how
        if self.path.endswith("/token") and self.handler.command == "POST":
            return self._grant()
        if self.path == "/oauth/tokens":
            return self._district_tokens()
        if self.path == "/applications":
            return (200, {}, how.applications) if self._known() else _refused("bad token")
        if self.path.startswith("/applications/") and self.path.endswith("/server") and self.how.server:
            return (200, {}, {"status": 1, "server": self.how.server}) if self._known() else _refused("bad token")
        base = next((b for b in how.bases if self.path.startswith(b + "/")), None)
        if base is not None:
            return self._collection(base) if self._known() else _refused("unauthorisedrequest")
        if self.path.startswith(f"/{how.version}/"):
            return self._clever() if self._known() else (401, {}, {"message": "unauthorized"})
        return 404, {}, {"imsx_codeMajor": "failure", "imsx_description": "unknownobject"}

    def _grant(self) -> tuple[int, Mapping[str, str], Any]:
        form = dict(parse_qsl(self.sent.decode()))
        if self._basic() != self.how.client:
            return 401, {}, {"error": "invalid_client"}
        asked = frozenset(form.get("scope", "").split())
        if self.how.scopes and not asked <= self.how.scopes:
            return 400, {}, {"error": "invalid_scope"}
        token = f"grant-{len(self.server.grants)}"
        self.server.grants[token] = (time.monotonic() + self.how.span, self.how.uses)
        reply = {"access_token": token, "token_type": "Bearer", "expires_in": self.how.span, "scope": " ".join(asked)}
        return 200, {}, reply

    def _district_tokens(self) -> tuple[int, Mapping[str, str], Any]:
        if self._basic() != self.how.client:
            return 401, {}, {"error": "invalid client"}
        wanted = self.query.get("district", [""])[0]
        found = [
            {"id": d, "owner": {"type": "district", "id": d}, "access_token": t, "scopes": ["read:sis"]}
            for d, t in self.how.tokens.items()
            if wanted in ("", d)
        ]
        return 200, {}, {"data": found, "links": [{"rel": "self", "uri": self.path}]}

    def _basic(self) -> tuple[str, str] | None:
        if not self.sign.startswith("Basic "):
            return None
        user, _, secret = base64.b64decode(self.sign[6:]).decode().partition(":")
        return user, secret

    def _known(self) -> bool:
        if self.how.oauth1:
            return self._signed()
        if self.how.token:
            return self.sign == f"Bearer {self.how.token}"
        if self.how.client is None:
            return True
        token = self.sign.removeprefix("Bearer ")
        until, uses = self.server.grants.get(token, (0.0, 0))
        if token in self.server.grants:
            self.server.grants[token] = (until, uses - 1)
        return time.monotonic() < until and uses > 0

    def _signed(self) -> bool:
        """Whether the OAuth 1.0a signature is right, computed as RFC 5849 says."""
        assert self.how.client is not None
        if not self.sign.startswith("OAuth "):
            return False
        given = {k: unquote(v.strip('"')) for k, _, v in (p.strip().partition("=") for p in self.sign[6:].split(","))}
        theirs = given.pop("oauth_signature", "")
        if (
            given.get("oauth_signature_method") != self.how.oauth1
            or given.get("oauth_consumer_key") != self.how.client[0]
        ):
            return False
        pairs = [*given.items(), *parse_qsl(urlsplit(self.handler.path).query, keep_blank_values=True)]
        joined = "&".join(f"{k}={v}" for k, v in sorted((_enc(k), _enc(v)) for k, v in pairs))
        text = "&".join(_enc(part) for part in ("GET", f"{self.server.address}{self.path}", joined))
        digest = hashlib.sha256 if self.how.oauth1 == "HMAC-SHA256" else hashlib.sha1
        made = hmac.new(f"{_enc(self.how.client[1])}&".encode(), text.encode(), digest).digest()
        return theirs == base64.b64encode(made).decode()

    def _collection(self, base: str) -> tuple[int, Mapping[str, str], Any]:
        name = self.path.removeprefix(base + "/")
        if name in self.how.forbidden:
            return 403, {}, {"imsx_codeMajor": "failure", "imsx_description": "forbidden"}
        name, _, own = name.partition("/")
        if own:
            one = [r for r in self.how.records.get(name, []) if r.get("sourcedId") == unquote(own)]
            return (200, {}, {name.removesuffix("s"): one[0]}) if one else (404, {}, {"imsx_codeMajor": "failure"})
        if name not in self.how.records:
            return 404, {}, {"imsx_codeMajor": "failure", "imsx_description": "unknownobject"}
        every = self.how.records[name]
        if not every and self.how.absent == "404":
            return 404, {}, {"imsx_codeMajor": "failure", "imsx_description": "no records"}
        if where := self.query.get("filter", [""])[0]:
            if self.how.filters == "refused":
                return 400, {}, {"imsx_codeMajor": "failure", "imsx_description": "invalid_filter_field"}
            if self.how.filters == "honoured":
                field, _, moment = where.partition(">")
                every = [r for r in every if r.get(field, "") > moment.strip("'")]
        limit = min(int(self.query.get("limit", ["100"])[0]), self.how.largest)
        offset = int(self.query.get("offset", ["0"])[0]) if self.how.honours_offset else 0
        headers = {}
        wanted = f"&filter={quote(where)}" if where else ""
        if self.how.totals:
            headers["X-Total-Count"] = str(len(every))
        if self.how.links and offset + limit < len(every):
            headers["Link"] = (
                f'<{base}/{name}?limit={limit}&offset={offset + limit}{wanted}>; rel="next", <{base}>; rel="first"'
            )
        return 200, headers, {name: every[offset : offset + limit]}

    def _clever(self) -> tuple[int, Mapping[str, str], Any]:
        name = self.path.split("/", 2)[2]
        if name in self.how.forbidden or f"{name}?{self.query.get('role', [''])[0]}" in self.how.forbidden:
            return 404, {}, {"message": "not found"}
        name, _, own = name.partition("/")
        if own:
            one = [
                r for r in self.how.records.get(name, []) if isinstance(r, dict) and str(r.get("id")) == unquote(own)
            ]
            return (200, {}, {"data": one[0]}) if one else (404, {}, {"message": "not found"})
        if name not in self.how.records:
            return 404, {}, {"message": "not found"}
        limit = int(self.query.get("limit", ["100"])[0])
        if limit > 10_000:
            return 413, {}, {"message": "limit"}
        limit = min(limit, self.how.largest)
        after = self.query.get("starting_after", [""])[0]
        every = [
            r for r in self.how.records[name] if not isinstance(r, dict) or str(r.get("id", "")) > after or not after
        ]
        if role := self.query.get("role", [""])[0]:
            every = [r for r in every if isinstance(r, dict) and (r.get("roles") or {}).get(role)]
        page = every[:limit]
        links = [{"rel": "self", "uri": self.handler.path}]
        if "ending_before" in self.query and self.how.ends != "ignored":  # only ever the end of a list is asked for
            if self.how.ends == "refused":
                return 400, {}, {"message": "bad parameter"}
            page = every[-limit:]
        elif len(every) > limit:
            uri = f"/{self.how.version}/{name}?limit={limit}&starting_after={page[-1]['id']}"
            links.append({"rel": "next", "uri": uri})
        body = {"data": [{"data": r, "uri": f"/{self.how.version}/{name}/x"} for r in page], "links": links}
        if self.how.totals and "count" in self.query:
            body["count"] = len(every)
        return 200, {}, body


def _refused(why: str) -> tuple[int, Mapping[str, str], Any]:
    return 401, {}, {"imsx_codeMajor": "failure", "imsx_severity": "error", "imsx_description": why}


def _enc(text: str) -> str:
    return quote(text, safe="-._~")


@contextmanager
def serving(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[RosterServer]:
    """The server, running in a thread until the end of the block."""
    server = RosterServer(behaviour)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.secure = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()
