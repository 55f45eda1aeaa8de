"""What can go wrong between us and a server, each as its own sentence and advice."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from rosterdesk.errors import UnreachableError
from rosterdesk.net.answer import Answer

KEPT = "Nothing was changed."
_CLOCK = 300.0  # seconds; servers that look at signed times refuse what is further off
_PROXY_WANTED = 407


class Broken(Exception):
    """A line that broke, which is no error yet; `error` is what to say when further tries break too."""

    def __init__(self, error: UnreachableError) -> None:
        super().__init__(error.title)
        self.error = error


def broken(error: BaseException, url: str, *, proxied: bool) -> Broken | UnreachableError:
    """The fault behind what the HTTP library raised: `Broken` where another try may help."""
    host = urlsplit(url).hostname or "the server"
    causes = list(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    detail = type(error).__name__
    if "ProxyError" in names:
        # The words of http.client; a bare number may be part of the proxy's address.
        if any(f"Tunnel connection failed: {_PROXY_WANTED}" in str(cause) for cause in causes):
            return proxy_sign_in(detail)
        advice = f"Look at the proxy's address in the connection or in the system's settings. {KEPT}"
        return UnreachableError("The proxy can't be reached.", advice, detail)
    if certificate := next((c for c in causes if isinstance(c, ssl.SSLCertVerificationError)), None):
        return _certificate(certificate, host)
    if unknown := next((c for c in causes if isinstance(c, socket.gaierror)), None):
        fault = UnreachableError(
            f"There is no server named {host}.",
            f"Look whether the address is spelt right and this computer is on the network. {KEPT}",
            unknown.strerror or "",
        )
        return Broken(fault) if unknown.errno == socket.EAI_AGAIN else fault
    if any(isinstance(c, ssl.SSLError) for c in causes) or "SSLError" in names:
        advice = f"Look whether the address begins with https:// rightly, and whether a proxy is in between. {KEPT}"
        return Broken(UnreachableError(f"{host} does not speak TLS as it should.", advice, detail))
    if any(isinstance(c, ConnectionRefusedError) for c in causes):
        needed = "" if proxied else "If this network needs a proxy, name it in the connection. "
        return Broken(
            UnreachableError(
                f"{host} takes no connection.", f"Look at the address and the port. {needed}{KEPT}", detail
            )
        )
    if names & {"ConnectTimeout", "ConnectTimeoutError"}:
        needed = "" if proxied else ", or needs a proxy"
        return Broken(
            UnreachableError(
                f"{host} can't be reached.", f"Look whether a firewall is in between{needed}. {KEPT}", detail
            )
        )
    if names & {"ReadTimeout", "ReadTimeoutError"} or any(isinstance(c, TimeoutError) for c in causes):
        return Broken(UnreachableError(f"{host} stopped answering.", f"Try again later. {KEPT}", detail))
    if names & {"InvalidURL", "MissingSchema", "InvalidSchema", "LocationParseError", "InvalidProxyURL"}:
        return UnreachableError(
            f"{url.split('?', maxsplit=1)[0]} is no address.", "It looks like https://host/path.", detail
        )
    return Broken(
        UnreachableError(
            f"The connection to {host} was cut off.", f"Try again; it may be a moment's fault. {KEPT}", detail
        )
    )


def proxy_sign_in(detail: str) -> UnreachableError:
    """The proxy wants to know who asks."""
    return UnreachableError(
        "The proxy of this network wants a user name and password.",
        f"Name the proxy with both in the connection: http://user:password@proxy:port. {KEPT}",
        detail,
    )


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> UnreachableError:
    reason = error.verify_message or "not verified"
    if "expired" in reason or "not yet valid" in reason:
        advice = f"Look at this computer's clock first; if it is right, whoever runs {host} must renew it. {KEPT}"
    elif "match" in reason.lower():
        advice = f"Use the name that the certificate is for. {KEPT}"
    else:
        advice = (
            "If your network inspects traffic, give the connection its authority's certificate: --option ca-file=FILE. "
            f"Verification is never left out. {KEPT}"
        )
    return UnreachableError(f"The certificate of {host} can't be trusted.", advice, reason)


def refusal(answer: Answer, signed: str) -> UnreachableError:
    """The error for an answer that is no success; `signed` says how the request was signed."""
    host = urlsplit(answer.url).hostname or "The server"
    detail = f"status {answer.status} for {urlsplit(answer.url).path}"
    if said := told(answer):
        detail += f"; the server says: {said}"
    match answer.status:
        case 401:
            return _not_signed_in(answer, host, signed, detail)
        case 403:
            title, advice = (
                f"{host} does not allow us to read this.",
                "Share it with RosterDesk in the server's console, or ask for the scope that is missing.",
            )
        case 404:
            title, advice = (
                f"{host} has nothing at this address.",
                "Look at the address, and whether the data is shared with RosterDesk.",
            )
        case 429:
            title, advice = f"{host} has had too many questions.", "Try again later, or run at another hour."
        case 413:
            title, advice = f"{host} finds the page too large.", "Set a smaller page-size in the connection."
        case status if status == _PROXY_WANTED:
            return proxy_sign_in(detail)
        case 300 | 301 | 302 | 303 | 307 | 308:
            title = f"{host} sends us elsewhere."
            advice = f"If you trust it, use that address: {_elsewhere(answer)}."
        case status if status >= 500:
            title, advice = f"{host} has a fault of its own.", "Try again later; if it stays so, tell whoever runs it."
        case _:
            title, advice = f"{host} did not understand the question.", "Look at the address and the options."
    return UnreachableError(title, f"{advice} {KEPT}", detail)


def _not_signed_in(answer: Answer, host: str, signed: str, detail: str) -> UnreachableError:
    if signed:
        detail += f"; signed with {signed}"
    if abs(skew := answer.skew()) > _CLOCK:
        ahead = "ahead of" if skew > 0 else "behind"
        return UnreachableError(
            f"This computer's clock is {round(abs(skew) / 60)} minutes {ahead} the clock of {host}.",
            f"Set the clock; a server refuses what is signed at a wrong time. {KEPT}",
            detail,
        )
    if "expired" in told(answer).lower():
        advice = f"Get a new one from the console and add the connection again. {KEPT}"
        return UnreachableError(f"The token for {host} has expired.", advice, detail)
    if "OAuth 1" in signed:
        other = "HMAC-SHA1" if "SHA256" in signed else "HMAC-SHA256"
        advice = f"Look at the client id and secret; if both are right, try --option signature={other}. {KEPT}"
    else:
        advice = f"Look whether the token or secret is the one that the console shows now. {KEPT}"
    return UnreachableError(f"{host} does not accept our secret.", advice, detail)


def told(answer: Answer) -> str:
    """What a refusal says for people, on one line; empty where it says nothing fit to be shown."""
    try:
        found = _said(json.loads(answer.body)) if answer.body[:1] in b"{[" and len(answer.body) < 100_000 else ""
    except (ValueError, RecursionError):
        return ""
    return " ".join("".join(c for c in found if c.isprintable() or c == " ").split())[:200]


def _said(body: Any) -> str:
    """The description in an error body: OneRoster's, OAuth's or Clever's, also inside a list or one level down."""
    if isinstance(body, list):
        return next((said for item in body if (said := _said(item))), "")
    if not isinstance(body, dict):
        return ""
    for key in ("imsx_description", "error_description", "message", "error", "detail", "description"):
        if isinstance(value := body.get(key), str) and value:
            return value
    return next((said for value in body.values() if isinstance(value, dict | list) and (said := _said(value))), "")


def _elsewhere(answer: Answer) -> str:
    target = urlsplit(answer.headers.get("location", ""))
    return f"{target.scheme}://{target.netloc}{target.path}" if target.netloc else target.path or "not told"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error, what it was raised from, and what it wraps."""
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [one.__cause__, one.__context__, getattr(one, "reason", None)]
        todo += [arg for arg in one.args if isinstance(arg, BaseException)]
        todo = [t for t in todo if isinstance(t, BaseException)]
