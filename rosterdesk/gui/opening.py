"""Where the window's directory is and how it is opened; what opens it is imported only when that happens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory


@dataclass(frozen=True, slots=True)
class Opening:
    """A directory's place, and its key if that is not in the keyring. Called, it gives the open directory."""

    where: Path
    key_file: Path | None = None
    passphrase: str | None = None

    @property
    def is_new(self) -> bool:
        """Whether opening makes the directory."""
        try:
            return self.where.stat().st_size == 0
        except OSError:
            return True

    def with_key(self, *, key_file: Path | None = None, passphrase: str | None = None) -> Opening:
        """The same directory with another key."""
        return replace(self, key_file=key_file, passphrase=passphrase)

    def __call__(self, run: Run) -> Directory:
        """Open it, in the worker's thread. Raises what `open_directory` raises."""
        from rosterdesk.credentials import KeySource
        from rosterdesk.directory.engine import open_directory

        key = KeySource.chosen(file=self.key_file, passphrase=self.passphrase)
        return open_directory(self.where, key, run=run)
