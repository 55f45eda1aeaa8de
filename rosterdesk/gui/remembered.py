"""What the window remembers from one start to the next: its size, where the key is, which columns a table shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSettings

from rosterdesk import paths


def settings() -> QSettings:
    """The file in which it is kept."""
    return QSettings(str(paths.home() / "window.ini"), QSettings.Format.IniFormat)


def remembered_columns(table: str) -> frozenset[str]:
    """The keys of the columns that a person has chosen for a table; none when they never did."""
    kept = str(settings().value(f"columns/{table}", "")) if table else ""
    return frozenset(kept.split(" ")) - {""}


def keep_columns(table: str, keys: Sequence[str]) -> None:
    """Remember the columns of a table."""
    settings().setValue(f"columns/{table}", " ".join(keys))
