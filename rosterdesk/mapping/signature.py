"""How a source is recognised again: by the headers of its tables, in any order and under any file name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from rosterdesk.formats.headers import clean
from rosterdesk.model import Reading


def headers_signature(columns: Iterable[str]) -> str:
    """A short text that is the same for the same headers, whatever their order."""
    return hashlib.sha256("\x1f".join(sorted(clean(c) for c in columns)).encode()).hexdigest()[:16]


def signature(reading: Reading) -> str:
    """A short text that is the same for sources with the same tables by their headers."""
    return hashlib.sha256("\n".join(sorted(headers_signature(t.columns) for t in reading.tables)).encode()).hexdigest()[
        :16
    ]
