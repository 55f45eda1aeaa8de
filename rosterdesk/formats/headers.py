"""Headers as they are compared: without case, spaces, punctuation and invisible characters. Knows no format."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

# A PowerSchool export names the table in brackets before the field: "[1]Last_Name", "[05]TeacherNumber".
_TABLE_NUMBER = re.compile(r"^\s*\[\d+\]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+")
# Columns that districts and vendors add to a standard table, by the standard's own leave.
_EXTENSIONS = ("metadata.", "metadata_", "ext_", "ext.")

_TELLING = ("id", "ids", "no", "nr", "num", "name", "code", "date")  # endings that say what the column is


@lru_cache(maxsize=20_000)
def clean(header: str) -> str:
    """The header without byte order marks, zero-width and other invisible characters, and outer blanks."""
    text = unicodedata.normalize("NFKC", header)
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n").strip()


@lru_cache(maxsize=20_000)
def normal(header: str) -> str:
    """The header as a key: equal for "Last Name", "last_name", "LastName" and "\\ufeffLASTNAME"."""
    text = _TABLE_NUMBER.sub("", clean(header)).casefold()
    return "".join(c for c in text if c.isalnum())


@lru_cache(maxsize=20_000)
def words(header: str) -> tuple[str, ...]:
    """The words of a header, lower case, at spaces, punctuation, digits and humps: "Parent1_EMail" is parent, 1, e,
    mail.
    """
    text = _HUMP.sub(" ", _TABLE_NUMBER.sub("", clean(header)).replace("#", " number "))
    return tuple(w.casefold() for w in _WORD.findall(text))


def is_extension(header: str) -> bool:
    """Whether the column is an extension (`metadata.*`, `ext_*`), which says nothing about the format."""
    return clean(header).casefold().startswith(_EXTENSIONS)


def strip_suffix(columns: Sequence[str]) -> dict[str, str]:
    """Each column with its header, less a suffix such as "_cl" that all columns of the table share (database dumps
    have them).
    """
    named = [c for c in columns if clean(c)]
    tails = {c.rpartition("_")[2] for c in named}
    if len(named) > 2 and len(tails) == 1 and all("_" in c.strip("_") for c in named):
        tail = tails.pop()
        if len(tail) <= 4 and tail.casefold() not in _TELLING:
            return {c: c[: -len(tail) - 1] for c in named}
    return {c: c for c in named}
