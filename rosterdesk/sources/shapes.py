"""What a cell looks like (number, date, address, text ...): evidence for the dialect and the header, never a
conversion.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_FORMS = {
    "number": r"[+-]?\d+(?:[.,]\d+)?|[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[+-]?\d+(?:\.\d+)?%",
    "money": r"[$€£¥]\s?-?\d[\d.,]*|-?\d[\d.,]*\s?[$€£¥]",
    "date": rf"\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}}(?:[T ]{_CLOCK}\s?(?:Z|[AP]M|[+-]\d{{2}}:?\d{{2}})?)?"
    rf"|\d{{1,2}}[ -]{_MONTH}[ -]\d{{2,4}}|{_MONTH} \d{{1,2}},? \d{{4}}",
    "time": rf"{_CLOCK}(?:\s?[AP]M)?",
    "mail": r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+",
    "url": r"(?:https?|s?ftp)://\S+|www\.\S+",
    "guid": r"\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?",
    "phone": r"\+?[\d(][\d ().-]{6,}\d(?: ?x\d+)?",
    "code": r"(?=\S*\d)[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)*",
}
_KINDS = re.compile(rf"\s*(?:{'|'.join(f'(?P<{name}>{form})' for name, form in _FORMS.items())})\s*", re.IGNORECASE)
# A cell was cut in the wrong place if it still holds a separator without a space after it, a loose double quote at its
# edge, or single quotes around it.
_TEXT = re.compile(r"""(?!"|'.*'$)(?:[^,;|\t]|[,;](?=\s|$))*(?<!")""", re.DOTALL)

# What the name of a column ends in ("StudentID", "first name", "E-mail"), and no name of a person or place.
_NAMES = frozenset(
    (
        *("id", "ids", "sourcedid", "identifier", "number", "code", "username", "login", "status"),
        *("name", "firstname", "lastname", "dob", "birthdate", "birthday", "date", "gender", "sex", "grade", "grades"),
        *("mail", "email", "phone", "mobile", "address", "zip", "zipcode", "postcode"),
    )
)
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

EMPTY, TEXT, OTHER, CODE = "empty", "text", "other", "code"
_CELLS = 20_000
_WEIGHT = {EMPTY: 0.8, OTHER: 0.0}


def kind(cell: str) -> str:
    """One of empty, number, money, date, time, mail, url, guid, phone, code, text, other."""
    if not cell or cell.isspace():
        return EMPTY
    found = _KINDS.fullmatch(cell) if len(cell) < 200 else None
    if found:
        return found.lastgroup or OTHER
    return TEXT if _TEXT.fullmatch(cell[:2000]) else OTHER


def outline(cell: str) -> str:
    """The form of an ID: "MG-8769" is "A-9", "Phone1" is "Aa9"."""
    return re.sub(r"\d+", "9", re.sub(r"[A-Z]+", "A", re.sub(r"[a-z]+", "a", cell.strip())))


def typed(rows: Sequence[Sequence[str]]) -> float:
    """The share (0 to 1) of cells that look like something."""
    cells = Counter(cell for row in rows for cell in row)
    total = cells.total()
    return sum(count * _WEIGHT.get(kind(cell), 1.0) for cell, count in cells.items()) / total if total else 0.0


def header_votes(first: Sequence[str], body: Sequence[Sequence[str]], *, words: bool = True) -> tuple[int, int]:
    """How much says that `first` names the columns, and how much that it is one more row of the kind below. Without
    `words`, only the forms of the cells count.
    """
    for_it = against = 0
    # Some tables have thousands of columns: a few rows tell as much.
    others = [row for row in body[: max(5, _CELLS // max(len(first), 1))] if list(row) != list(first)]
    for place, name in enumerate(first):
        if not name.strip():
            continue
        if words and (_WORDS.findall(name) or [""])[-1].lower() in _NAMES:
            for_it += 2
        column = [row[place] for row in others if place < len(row) and row[place].strip()]
        if not column:
            continue
        kinds = Counter(map(kind, column))
        main, count = kinds.most_common(1)[0]
        own = kind(name)
        if main not in (TEXT, OTHER) and count >= 0.8 * len(column):
            if own == TEXT:
                for_it += 1
            elif own == main and (own != CODE or outline(name) in {outline(cell) for cell in column}):
                against += 1
        # The name of a column hardly ever is one of its values; the school of the first student is that of the second,
        # too.
        elif name in column:
            against += 1
    return for_it, against
