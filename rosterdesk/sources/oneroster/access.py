"""How a OneRoster server is found and signed in to: its base address, its version, and one of three ways to sign."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from rosterdesk.connections import Connection, Part, needed_secret, secret_of
from rosterdesk.errors import UnreachableError, UsageError
from rosterdesk.net import faults
from rosterdesk.net.answer import Answer
from rosterdesk.net.https import Bearer, Https, OAuth1, Signer
from rosterdesk.net.tokens import ClientCredentials
from rosterdesk.sources.oneroster.paging import page_address
from rosterdesk.sources.ways import choice

_SCOPE = "https://purl.imsglobal.org/spec/or/{version}/scope/{name}"
_NAMES = ("roster-core.readonly", "roster.readonly", "roster-demographics.readonly")
_COLLECTION = re.compile(
    r"/(orgs|schools|users|students|teachers|classes|enrollments|courses|academicSessions|terms|demographics)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Access:
    """Where the server's collections are, and which version of OneRoster it speaks."""

    base: str
    version: str


def signer(connection: Connection, address: str, plain: Https, usual: str) -> Signer:
    """What signs the requests of a connection: option `auth` is oauth2, oauth1 or bearer; where it is not set, bearer
    when a token is kept, else `usual`. Raises `SecretError`, `UsageError`.
    """
    has_token = "auth" not in connection.options and secret_of(connection, Part.TOKEN) is not None
    first = "bearer" if has_token else usual
    order = (first, *(a for a in ("oauth2", "oauth1", "bearer") if a != first))
    way = choice(connection, "auth", order)
    if way == "bearer":
        return Bearer(needed_secret(connection, Part.TOKEN))
    client = connection.options.get("client-id", "")
    if not client:
        raise UsageError(
            "The connection has no client id.", "Add it with --option client-id=..., as the console shows it."
        )
    secret = needed_secret(connection, Part.SECRET)
    if way == "oauth1":
        return OAuth1(client, secret, choice(connection, "signature", ("HMAC-SHA256", "HMAC-SHA1")))
    token_url = connection.options.get("token-url", "")
    return ClientCredentials(
        plain,
        [token_url] if token_url else list(_token_addresses(address)),
        client,
        secret,
        _scopes(connection, address),
    )


def find(connection: Connection, address: str, door: Https) -> Access:
    """The base of the server's collections, tried out from what a person pasted.

    Raises the server's refusal when it knows the place but not us, and `UnreachableError` when no place answers.
    """
    refused: UnreachableError | None = None
    page: Answer | None = None
    tried = []
    for base in _bases(address):
        tried.append(urlsplit(base).path or "/")
        answer = door.get(page_address(base, "orgs", 1, 0), accept=frozenset({400, 401, 403, 404, 405}))
        if answer.status == 200 and not answer.html:
            answer.json()
            return Access(base, connection.options.get("version") or _version(base))
        if answer.html and answer.status == 200:
            page = page or answer
        if answer.status in (401, 403) and refused is None:
            refused = faults.refusal(answer, door.signer.name if door.signer else "")
    if refused is not None:
        raise refused
    if page is not None:
        page.json()  # says that this is a web page
    raise UnreachableError(
        "There is no OneRoster service at this address.",
        f"Paste the base address as the server's console shows it. {faults.KEPT}",
        f"tried {', '.join(tried)}",
    )


def _bases(address: str) -> Iterator[str]:
    """The addresses under which the collections may be, the likeliest first; none twice."""
    pasted = _COLLECTION.sub("", address)
    found = [pasted] if "v1" in urlsplit(pasted).path.lower() else []
    found += [
        f"{pasted}/ims/oneroster/rostering/v1p2",
        f"{pasted}/ims/oneroster/v1p1",
        f"{pasted}/ims/oneroster/v1p2/rostering",
        f"{pasted}/rostering/v1p2",
        f"{pasted}/v1p1",
        f"{pasted}/learningdata/v1",
        pasted,
    ]
    yield from dict.fromkeys(found)


def _version(base: str) -> str:
    return "1.2" if "v1p2" in base.lower() else "1.1"


def _token_addresses(address: str) -> Iterator[str]:
    """Where a token service may be when nobody has told (Aeries: under the base; Infinite Campus: oauth2)."""
    pasted = _COLLECTION.sub("", address)
    root = re.sub(r"/ims/oneroster.*", "", pasted)
    yield from dict.fromkeys((f"{root}/token", f"{root}/oauth2/token", f"{root}/oauth/token", f"{pasted}/token"))


def _scopes(connection: Connection, address: str) -> list[list[str]]:
    """The sets of scopes to ask for, the widest first; of the version that is told, else of both."""
    if told := connection.options.get("scope"):
        return [told.split()]
    version = connection.options.get("version") or ("1.2" if "v1p2" in address else "1.1" if "v1p1" in address else "")
    versions = ("v1p2", "v1p1") if not version else ("v1p2",) if version == "1.2" else ("v1p1",)
    full = [[_SCOPE.format(version=v, name=n) for n in _NAMES] for v in versions]
    return [*full, *[[s[0], s[2]] for s in full], *[[s[0]] for s in full]]
