"""Whether a workbook is open in a spreadsheet program just now: what was changed there and not saved is not in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rosterdesk.sources.likeness import SPREADSHEETS

_MOST = 20  # lock files that are looked for in a folder


def open_elsewhere(sources: Iterable[Path]) -> list[str]:
    """The names of the workbooks that Excel or LibreOffice has open, told by the files that they lay beside them.

    Excel writes `~$book.xlsx`, LibreOffice `.~lock.book.xlsx#`; both go when the workbook is closed.
    """
    found: dict[str, None] = {}
    try:
        for source in sources:
            for book in _books(source):
                found.update(dict.fromkeys([book.name] if _locked(book) else []))
    except OSError:
        return list(found)  # what can't be looked at is told by the reading itself
    return list(found)


def _books(source: Path) -> Iterator[Path]:
    if source.is_file():
        if source.suffix.lower() in SPREADSHEETS:
            yield source
    elif source.is_dir():
        locks = [*source.glob("~$*"), *source.glob(".~lock.*#")][:_MOST]
        for lock in locks:
            name = lock.name.removeprefix(".~lock.").removesuffix("#") if lock.name[0] == "." else lock.name[2:]
            yield source / name


def _locked(book: Path) -> bool:
    locks = (book.with_name(f"~${book.name}"), book.with_name(f".~lock.{book.name}#"))
    return book.exists() and any(lock.exists() for lock in locks)
