"""How Clever is signed in to: with a district's token, or with a client id and secret that list the districts' tokens.

The list is no OAuth grant: GET /oauth/tokens?owner_type=district with Basic gives every district that has the
application (dev.clever.com). One token is for one district.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from rosterdesk.connections import Connection, Part, needed_secret, secret_of
from rosterdesk.errors import SecretError, UnreachableError, UsageError
from rosterdesk.net import faults
from rosterdesk.net.answer import Answer
from rosterdesk.net.https import Https
from rosterdesk.run import Run
from rosterdesk.sources.tablefile import text
from rosterdesk.sources.ways import address_of, amount, choice

API = "https://api.clever.com"
TOKENS = "https://clever.com/oauth/tokens"
_PAGE = 10_000  # more is refused with 413
_CIRCLE = "The server's pages lead in a circle."


def base_of(connection: Connection) -> str:
    """The address under which the collections are."""
    return f"{address_of(connection, API)}/v{choice(connection, 'version', ('3.1', '3.0'))}"


def token(connection: Connection, plain: Https) -> str:
    """The district's token. Raises `UsageError` when the client is for several districts and none is chosen."""
    if (kept := secret_of(connection, Part.TOKEN)) is not None:
        return kept
    wanted = connection.options.get("district", "")
    found = tokens(connection, plain, wanted)
    if wanted:
        found = {district: value for district, value in found.items() if district == wanted}
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise UnreachableError(
            f"Clever has no token for the district {wanted}." if wanted else "No district has connected this client.",
            f"The district must connect the application in Clever first. {faults.KEPT}",
        )
    raise UsageError(
        "This client is for several districts.", f"Choose one with --district: {', '.join(sorted(found))}."
    )


def tokens(connection: Connection, plain: Https, wanted: str = "") -> Mapping[str, str]:
    """The tokens that the client has, by their districts; of one district where it is `wanted`."""
    client = connection.options.get("client-id", "")
    if not client:
        raise SecretError(
            f"The connection {connection.name} has neither a token nor a client id.",
            "Add it again with the district's token, or with --option client-id=... and the client's secret.",
        )
    address = connection.options.get("token-url") or TOKENS
    address += "?owner_type=district" + (f"&district={quote(wanted, safe='')}" if wanted else "")
    return _tokens(plain.get_as(address, (client, needed_secret(connection, Part.SECRET))).json())


def _tokens(body: Any) -> Mapping[str, str]:
    """The tokens by their districts."""
    found = {}
    for item in body.get("data") or [] if isinstance(body, dict) else []:
        owner = item.get("owner") if isinstance(item, dict) else None
        if isinstance(owner, dict) and owner.get("type", "district") == "district" and item.get("access_token"):
            found[text(owner.get("id"))] = text(item["access_token"])
    return found


class Clever:
    """A signed way to one district's collections."""

    def __init__(self, connection: Connection, run: Run, door: Https) -> None:
        self.base = base_of(connection)
        self.run = run
        self._door = door
        self._size = int(amount(connection, "page-size", _PAGE, _PAGE))

    def get(self, path: str, accept: frozenset[int] = frozenset()) -> Answer:
        """One answer. Waits where the limit of requests is reached (1,200 a minute and token)."""
        answer = self._door.get(f"{self.base}/{path}", accept=accept)
        if pause := min(answer.wait(), 120.0):
            self.run.wait(pause)
        return answer

    def pages(self, path: str, what: str, *, counted: bool = True) -> Pages:
        """The pages of a collection, one after the other; `counted` where it can tell how many records it has."""
        return Pages(self, path, self._size, what, counted=counted)

    def followed(self, here: str, link: str) -> str:
        """The path of the next page: links are relative to the host, and never lead to another one."""
        target = urlsplit(link)
        query = f"?{target.query}" if target.query else ""
        version = f"/{self.base.rsplit('/', 1)[-1]}/"
        path = target.path.split(version, 1)[-1].lstrip("/") + query
        if path == here:
            raise UnreachableError(_CIRCLE, f"Tell Clever's support. {faults.KEPT}", here)
        return path


class Pages:
    """Walks a collection by its links. After the walk `count` is what the server says there is (None: it does not)."""

    def __init__(self, clever: Clever, path: str, size: int, what: str, *, counted: bool) -> None:
        mark = "&" if "?" in path else "?"
        self._clever, self._what = clever, what
        self._path = f"{path}{mark}limit={size}{'&count=true' if counted else ''}"
        self.records = 0
        self.count: int | None = None

    def __iter__(self) -> Pages:
        return self

    def __next__(self) -> list[Mapping[str, Any]]:
        """The records of the next page, unwrapped."""
        if not self._path:
            raise StopIteration
        here, self._path = self._path, ""
        body = self._clever.get(here).json()
        if not isinstance(body, dict):
            body = {"data": body}
        if "data" not in body and ("error" in body or "message" in body):
            raise UnreachableError(
                "Clever answered with a fault instead of data.", f"Try again later. {faults.KEPT}", text(body)[:200]
            )
        found = [record for item in _list(body.get("data")) if (record := unwrapped(item)) is not None]
        for link in _list(body.get("links")):
            if isinstance(link, dict) and link.get("rel") == "next" and isinstance(link.get("uri"), str):
                self._path = self._clever.followed(here, link["uri"])
        paging = body.get("paging")
        for said in (body.get("count"), paging.get("count") if isinstance(paging, dict) else None):
            if self.count is None and text(said).isdigit():
                self.count = int(text(said))
        if not found:
            self._path = ""
        self.records += len(found)
        self._clever.run.report(self._what, self.records, self.count or 0)
        return found


def unwrapped(item: Any) -> Mapping[str, Any] | None:
    """A record out of its wrapper `data`, or None for what is none."""
    if not isinstance(item, dict):
        return None
    inner = item.get("data")
    return inner if isinstance(inner, dict) else item if "data" not in item else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
