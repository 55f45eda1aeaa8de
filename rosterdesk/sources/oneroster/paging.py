"""Reads every page of a OneRoster collection, and tells whether that was all of it.

limit and offset, with the Link and X-Total-Count headers where a server has them (1EdTech OneRoster 1.1 section 3.4.1).
Offsets over living data skip and repeat, so what was fetched is counted by what differs and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from rosterdesk.errors import UnreachableError
from rosterdesk.net import faults
from rosterdesk.net.answer import Answer
from rosterdesk.net.https import Https
from rosterdesk.run import Run

_ABSENT = frozenset({404})
_MOST_PAGES = 1_000_000
_FAILURES = ("failure", "unsupported")


@dataclass(frozen=True, slots=True)
class Pages:
    """What came: how many records on how many pages, the total that the server named (None: never), and whether the
    last page was known as such.
    """

    records: int
    pages: int
    total: int | None
    ended: bool
    steady: bool  # the total was the same on every page
    missing: bool = False  # the server has no such collection


def read_pages(
    door: Https,
    base: str,
    resource: str,
    size: int,
    take: Callable[[Sequence[Any]], None],
    run: Run,
    what: str,
    where: str = "",
) -> Pages:
    """Give `take` the records of each page; `where` is a filter. Raises `UnreachableError` for any page that can't be
    had.
    """
    first = page_address(base, resource, size, 0, where)
    address: str | None = first
    records = pages = 0
    totals: set[int] = set()
    linked = ended = False
    before: Any = None
    while address is not None:
        answer = door.get(address, accept=_ABSENT if pages == 0 else frozenset())
        if answer.status == 404:
            answer = door.get(address, accept=_ABSENT)  # said twice it is meant
        if answer.status == 404:
            return _none(answer)
        page = records_of(answer)
        pages += 1
        if page and page[0] == before:  # the offset is not honoured: this is the page before once more
            ended = False
            break
        before = page[0] if page else None
        take(page)
        records += len(page)
        total = answer.number("x-total-count")
        if total is not None:
            totals.add(total)
        run.report(what, records, max(totals, default=0))
        more = answer.next()
        linked = linked or more is not None
        known = max(totals, default=None)
        if not page and known is None and not _empty(answer):
            break  # no list at all, and no total: that may be a fault in words that we don't know, and proves nothing
        if not page or (known is not None and records >= known):
            ended, address = True, None
        elif more is not None:
            address = _followed(address, more)
        elif known is not None or not linked:
            address = page_address(base, resource, size, records, where)
        else:
            ended, address = True, None
        if pages > _MOST_PAGES:
            raise UnreachableError("The server's pages have no end.", f"Tell whoever runs the server. {faults.KEPT}")
    total = max(totals, default=None)
    return Pages(records, pages, total, ended and (linked or total is not None), len(totals) <= 1)


def page_address(base: str, resource: str, limit: int, offset: int, where: str = "") -> str:
    """The address of one page of those records that the filter `where` lets through."""
    wanted = f"&filter={quote(where, safe='-._~')}" if where else ""
    return f"{base}/{resource}?limit={limit}&offset={offset}{wanted}"


def records_of(answer: Answer) -> list[Any]:
    """The records of an answer: the list under its one key, whatever that is called."""
    body = answer.json()
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        return []
    if any(isinstance(value, list) and key != "statusInfoSet" for key, value in body.items()):
        return next(value for key, value in body.items() if isinstance(value, list) and key != "statusInfoSet")
    if body.get("imsx_codeMajor") in _FAILURES or "statusInfoSet" in body or "error" in body:
        raise UnreachableError(
            "The server answered with a fault instead of data.",
            f"Try again later; if it stays so, tell whoever runs it. {faults.KEPT}",
            faults.told(answer),
        )
    return []


def _empty(answer: Answer) -> bool:
    """Whether an answer without records says so itself, with an empty list."""
    body = answer.json()
    return body == [] or (isinstance(body, dict) and [] in body.values())


def encoded(address: str) -> str:
    """An address whose query is encoded as OAuth 1.0a signs it: only letters, digits and -._~ stand for themselves."""
    parts = urlsplit(address)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True), quote_via=quote, safe="-._~")
    return parts._replace(query=query, fragment="").geturl()


def _followed(here: str, more: str) -> str:
    """The next page: where a proxy's server links to itself, its query is asked of the proxy, for the token is for
    that. Raises `UnreachableError` when a link leads back to where it stands.
    """
    ours, theirs = urlsplit(here), urlsplit(more)
    if (ours.scheme, ours.netloc) != (theirs.scheme, theirs.netloc):
        more = ours._replace(query=theirs.query).geturl()
    more = encoded(more)
    if more == encoded(here):
        raise UnreachableError(
            "The server's pages lead in a circle.", f"Tell whoever runs the server. {faults.KEPT}", ours.path
        )
    return more


def _none(answer: Answer) -> Pages:
    """A collection that is not there, or is empty: some servers say so with a 404."""
    if answer.html:
        raise faults.refusal(answer, "")
    return Pages(0, 0, None, ended=False, steady=True, missing=True)
