"""The one door to HTTP: requests with their signatures, retries with back-off, and errors that a person can act on.

Certificates are always verified. Redirects are not followed: a signature or a token is for one address. Whatever waits
here ends at once when the run is cancelled.
"""

from __future__ import annotations

import json
import queue
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

from rosterdesk.errors import UnreachableError
from rosterdesk.log import log
from rosterdesk.net import faults
from rosterdesk.net.answer import Answer
from rosterdesk.net.way import Patience, Signer, Way
from rosterdesk.run import Run

if TYPE_CHECKING:
    from requests.auth import AuthBase

__all__ = ["Bearer", "Https", "OAuth1", "Patience", "Signer", "Way", "bearer"]

_AGAIN = frozenset({429, 500, 502, 503, 504})
_LONGEST_WAIT = 120.0  # seconds that a server may ask us to wait, once
_LARGEST = 1 << 30  # bytes of one answer; a page of 10,000 users has some 15 million
_CHUNK = 1 << 18
_LOOK = 0.1  # seconds between two looks at the cancel flag


class _Watched(Protocol):
    sock: socket.socket | None


class Https:
    """A way to one server, for one run. Use as a context manager; not for several threads at once."""

    def __init__(self, run: Run, way: Way, signer: Signer | None = None) -> None:
        import requests

        self.run = run
        self.way = way
        self.signer = signer
        self.asked = 0
        self._open: list[_Watched] = []
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "RosterDesk"})
        self._session.mount("https://", _adapter(self._open))
        self._session.mount("http://", _adapter(self._open))
        if way.proxy:
            self._session.proxies = {"http": way.proxy, "https": way.proxy}
            self._session.trust_env = False
        run.on_cancel(self._hang_up)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()
        if self.run.cancelled:
            self._hang_up()

    def get(self, url: str, *, accept: frozenset[int] = frozenset()) -> Answer:
        """Ask for an address, its query already encoded; it is sent as it stands.

        An answer of 200, or of a status in `accept`, is returned; every other raises `UnreachableError`, after as many
        tries as patience allows where another try may help.
        """
        return self._ask("GET", url, None, None, accept)

    def post(self, url: str, form: Mapping[str, str], user: tuple[str, str]) -> Answer:
        """Send a form with a user and password, unsigned; any answer that is no 5xx or 429 is returned."""
        return self._ask("POST", url, form, user, frozenset(range(200, 500)) - _AGAIN)

    def send(self, url: str, document: Mapping[str, object]) -> Answer:
        """Send a JSON object, unsigned. An answer that is no 2xx raises `UnreachableError`."""
        body = json.dumps(document, ensure_ascii=False).encode()
        return self._ask("POST", url, body, None, frozenset(range(200, 300)))

    def get_as(self, url: str, user: tuple[str, str]) -> Answer:
        """Ask for an address with a user and password instead of the signer."""
        return self._ask("GET", url, None, user, frozenset())

    def _ask(
        self,
        method: str,
        url: str,
        form: Mapping[str, str] | bytes | None,
        user: tuple[str, str] | None,
        accept: frozenset[int],
    ) -> Answer:
        patience, renewed = self.way.patience, False
        tries = 0
        while True:
            tries += 1
            wait = min(patience.pause * 2 ** (tries - 1), patience.longest)
            try:
                answer = self._once(method, url, form, user)
            except faults.Broken as broken:
                if tries >= patience.tries:
                    raise broken.error from broken
                log.info("asking again after a broken line (try %d)", tries)
                self.run.wait(wait)
                continue
            if answer.status == 200 or answer.status in accept:
                return answer
            if answer.status == 401 and user is None and self.signer is not None and not renewed:
                renewed = True
                if self.signer.renewed():
                    continue
            asked_to_wait = answer.wait()
            if answer.status not in _AGAIN or tries >= patience.tries or asked_to_wait > _LONGEST_WAIT:
                raise faults.refusal(answer, self.signer.name if self.signer and user is None else "")
            log.info("asking again after status %d (try %d)", answer.status, tries)
            self.run.wait(max(wait, asked_to_wait))

    def _once(
        self, method: str, url: str, form: Mapping[str, str] | bytes | None, user: tuple[str, str] | None
    ) -> Answer:
        """One request, in a thread of its own, so that a server that stalls can't keep us."""
        self.run.check()
        self.asked += 1
        auth = user if user is not None else self.signer.sign() if self.signer is not None else _Unsigned()
        done: queue.SimpleQueue[Answer | UnreachableError | faults.Broken] = queue.SimpleQueue()

        def work() -> None:
            done.put(self._exchange(method, url, form, auth))

        threading.Thread(target=work, name="http", daemon=True).start()
        while True:
            try:
                result = done.get(timeout=_LOOK)
            except queue.Empty:
                self.run.check()
                continue
            self.run.check()
            if isinstance(result, Answer):
                return result
            raise result

    def _exchange(
        self, method: str, url: str, form: Mapping[str, str] | bytes | None, auth: Any
    ) -> Answer | UnreachableError | faults.Broken:
        import requests

        patience = self.way.patience
        timeout = (min(patience.timeout, 20.0), patience.timeout)
        started = time.time()
        try:
            with self._session.request(
                method,
                url,
                data=form,
                headers={"Content-Type": "application/json"} if isinstance(form, bytes) else None,
                auth=auth,
                timeout=timeout,
                verify=self.way.authority or True,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = bytearray()
                for chunk in response.iter_content(_CHUNK):
                    body += chunk
                    if len(body) > _LARGEST:
                        return UnreachableError("The server's answer has no end.", "Look whether the address is right.")
                return Answer(url, response.status_code, dict(response.headers.lower_items()), bytes(body), started)
        except (requests.RequestException, OSError) as error:
            return faults.broken(error, url, proxied=bool(self.way.proxy))

    def _hang_up(self) -> None:
        """Cut every line, so that a thread that waits on one ends now."""
        for connection in list(self._open):
            if (sock := connection.sock) is not None:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    log.debug("a line was closed already")


class _Unsigned:
    """Signs nothing. Without it `requests` would send a password of the user's .netrc."""

    def __call__(self, request: Any) -> Any:
        return request


class Bearer:
    """A token that stands as it is."""

    name = "bearer token"

    def __init__(self, token: str) -> None:
        self._token = token

    def sign(self) -> AuthBase:
        return bearer(self._token)

    def renewed(self) -> bool:
        return False


class OAuth1:
    """OAuth 1.0a with two legs: every request is signed with the secret of a client, and there is no token.

    OneRoster 1.1 signs with HMAC-SHA256; some older servers only know HMAC-SHA1. `fixed` (nonce, timestamp) is for
    comparing with published signatures.
    """

    def __init__(self, key: str, secret: str, method: str = "HMAC-SHA256", **fixed: str) -> None:
        self.name = f"OAuth 1.0a with {method}"
        self._key, self._secret, self._method, self._fixed = key, secret, method, fixed

    def sign(self) -> AuthBase:
        from requests_oauthlib import OAuth1 as Signature

        made: AuthBase = Signature(self._key, self._secret, signature_method=self._method, **self._fixed)
        return made

    def renewed(self) -> bool:
        return False

    def header(self, url: str) -> str:
        """The Authorization header that a GET of this address carries."""
        import requests

        signed = requests.Request("GET", url, auth=self.sign()).prepare()
        value = signed.headers["Authorization"]
        return value.decode() if isinstance(value, bytes) else str(value)


def bearer(token: str) -> AuthBase:
    """Signs a request with a bearer token."""
    from requests.auth import AuthBase as Base

    class Signature(Base):
        def __call__(self, request: Any) -> Any:
            request.headers["Authorization"] = f"Bearer {token}"
            return request

    return Signature()


def _adapter(lines: list[_Watched]) -> Any:
    """An adapter that writes down every line it opens."""
    from requests.adapters import HTTPAdapter

    kinds: dict[type, type] = {}

    def watched(kind: Any) -> type:
        class Line(kind):  # type: ignore[misc]  # whatever the library's lines are
            def connect(self) -> None:
                lines.append(self)
                super().connect()

            def close(self) -> None:
                if self in lines:
                    lines.remove(self)
                super().close()

        return Line

    class Adapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
            pool: Any = super().get_connection_with_tls_context(*args, **named)
            kind = pool.ConnectionCls
            if kind not in kinds.values():
                kinds.setdefault(kind, watched(kind))
                pool.ConnectionCls = kinds[kind]
            return pool

    return Adapter(max_retries=0)
