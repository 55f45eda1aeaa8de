"""What a server answered: status, headers, body, and what can be read from them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from rosterdesk.errors import UnreachableError

_LINK = re.compile(r'<([^>]*)>\s*((?:;\s*[\w!#$&+.^`|~*-]+\s*(?:=\s*(?:"[^"]*"|[^",;\s]*))?\s*)*)')
_REL = re.compile(r';\s*rel\s*=\s*"?([^";]*)"?', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request. Header names are in small letters; `asked` is our clock when we asked."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    asked: float

    @property
    def html(self) -> bool:
        """Whether this is a page for people, such as a sign-in page, and no answer of an interface."""
        if "json" in self.headers.get("content-type", "").lower():
            return False
        return self.body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))

    def json(self) -> Any:
        """The body as JSON. Raises `UnreachableError` when it is something else."""
        if self.html:
            raise UnreachableError(
                "The server answered with a web page instead of data.",
                "Look whether the address is that of the interface, and whether a proxy or a sign-in page is in "
                "between. Nothing was changed.",
                f"status {self.status}, {self.url.split('?')[0]}",
            )
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise UnreachableError(
                "The server's answer is damaged.",
                "Try again; if it stays so, tell whoever runs the server. Nothing was changed.",
                f"no JSON: {len(self.body)} bytes, {self.headers.get('content-type', 'no type')}",
            ) from error
        return _printable(found) if b"u0000" in self.body else found

    def next(self) -> str | None:
        """The address of the next page as the Link header has it, made absolute, or None."""
        for target, parameters in _LINK.findall(self.headers.get("link", "")):
            relation = _REL.search(parameters)
            if relation and "next" in relation[1].lower().split():
                return str(urljoin(self.url, target))
        return None

    def number(self, header: str) -> int | None:
        """A header that is a whole number, or None."""
        text = self.headers.get(header, "").strip()
        return int(text) if text.isascii() and text.isdigit() else None

    def date(self) -> datetime | None:
        """The server's clock, or None where it does not tell."""
        try:
            found = parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, TypeError):
            return None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def skew(self) -> float:
        """By how many seconds our clock is ahead of the server's; 0 where it does not tell."""
        theirs = self.date()
        return self.asked - theirs.timestamp() if theirs else 0.0

    def wait(self) -> float:
        """The seconds that the server asks us to wait, by Retry-After or by when its limit begins anew; else 0."""
        after = self.headers.get("retry-after", "").strip()
        if after.isascii() and after.isdigit():
            return float(after)
        now = time.time() - self.skew()
        try:
            return max(0.0, parsedate_to_datetime(after).timestamp() - now)
        except (ValueError, TypeError):
            pass
        reset = self.number("x-ratelimit-reset")
        spent = self.status == 429 or self.number("x-ratelimit-remaining") == 0
        return max(0.0, reset - now) if spent and reset is not None else 0.0


def _printable(value: Any) -> Any:
    """The same without the character NUL, which no table can hold."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_printable(item) for item in value]
    if isinstance(value, dict):
        return {_printable(key): _printable(item) for key, item in value.items()}
    return value
