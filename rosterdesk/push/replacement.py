"""Puts a folder or a file in its place wholly or not at all, and replaces only what it has put there itself.

Beside the target lies, while it is being written, the hidden folder `.NAME.rosterdesk`: the lock, the new files and,
for the moment in which one takes the other's place, the old ones. A writer that died leaves it behind, and the next one
puts the old files back.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb
import filelock

from rosterdesk.errors import FileError

MARK = ".rosterdesk"  # in a folder that was written here; a ZIP says so in its comment
COMMENT = b"Written by RosterDesk"
_MARKED = "RosterDesk wrote these files and replaces the folder as a whole. Keep nothing else in it."
_CHUNK = 1 << 20
_DROPPINGS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # of file managers that looked into the folder


@contextlib.contextmanager
def folder(target: Path) -> Iterator[Path]:
    """Give an empty folder; what lies in it at the end of the block takes the place of `target`. Raises `FileError`."""
    with _told(target), _workspace(target) as space:
        _own_folder(target)
        new, old = space / "new", space / "old"
        new.mkdir(mode=0o700)
        yield new
        names = sorted(path.name for path in new.iterdir())
        (new / MARK).write_text("\n".join((_MARKED, *names, "")), encoding="utf-8", newline="\n")
        for name in (*names, MARK):
            _sync(new / name)
        _sync(new)
        _own_folder(target)
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            _restore(old, target)
            raise
        _sync(target.parent)


@contextlib.contextmanager
def archive(target: Path) -> Iterator[Path]:
    """Give an empty folder; the file in it with the target's name takes the place of `target`, if that is our ZIP.
    Raises `FileError`.
    """
    with _told(target), _workspace(target) as space:
        _own_archive(target)
        new = space / "new"
        new.mkdir(mode=0o700)
        yield new
        _sync(new / target.name)
        _own_archive(target)
        (new / target.name).replace(target)
        _sync(target.parent)


def own(target: Path, edge: float, sums: Mapping[str, str], check: Callable[[], None]) -> list[Path] | None:
    """The files of a folder that was written here, the mark the last, or the ZIP; none where nothing of it is there.

    None where one of them is younger than `edge` (seconds since 1970), or not what `sums` tells of its name (SHA-256):
    then another delivery has taken its place, which must stay whole, also in what both have in common. `check` may
    stop it between two pieces. Raises `FileError`.
    """
    with _told(target):
        if target.is_dir():
            mark = target / MARK
            if not mark.is_file():
                return []
            listed = mark.read_text(encoding="utf-8", errors="replace").splitlines()[1:]
            found = [target / name for name in listed if name and Path(name).name == name]
            # The manifest goes first: whoever waits for it takes no half set.
            found.sort(key=lambda path: path.name != "manifest.csv")
            found = [path for path in (*found, mark) if path.is_file()]
        else:
            found = [target] if target.is_file() and _is_ours(target) else []
        if any(path.stat().st_mtime >= edge for path in found):
            return None
        same = all(_sha256(path, check) == sums.get(path.name) for path in found if path.name != MARK)
        return found if same else None


def remove(target: Path, edge: float, sums: Mapping[str, str], check: Callable[[], None]) -> int | None:
    """Remove the files that `own` names, and no other; return how many went, the mark not counted, and None where it
    gives None. The folder stays. Raises `FileError`.
    """
    if not (found := own(target, edge, sums, check)):
        return None if found is None else 0
    with _told(target), _workspace(target):
        found = own(target, edge, sums, check)
        for path in found or ():
            path.unlink(missing_ok=True)
    return None if found is None else sum(path.name != MARK for path in found)


def _sha256(path: Path, check: Callable[[], None]) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while chunk := content.read(_CHUNK):
            check()
            digest.update(chunk)
    return digest.hexdigest()


def tidy(target: Path) -> int:
    """Put right what a writer that died has left; return 1 if there was anything, else 0. Raises `FileError`."""
    space = _space(target)
    if not space.is_dir() or not any((space / name).exists() for name in ("new", "old")):
        return 0
    with _told(target):
        try:
            with filelock.FileLock(space / "lock", timeout=0, mode=0o600):
                pass
        except filelock.Timeout:  # who writes there is alive
            return 0
        with _workspace(target):
            return 1


@contextlib.contextmanager
def _workspace(target: Path) -> Iterator[Path]:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    space = _space(target)
    space.mkdir(mode=0o700, exist_ok=True)
    if space.is_symlink() or (os.name == "posix" and space.lstat().st_uid != os.geteuid()):
        raise FileError(f"{space} is not yours.", "Remove it, or choose another folder.")
    lock = filelock.FileLock(space / "lock", mode=0o600, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except (filelock.Timeout, FileNotFoundError) as error:  # not found: the other writer has just finished
        raise FileError(f"Another run is writing {target}.", "Wait until it is done, then try again.") from error
    try:
        _restore(space / "old", target)
        _empty(space)
        yield space
    finally:
        _empty(space)
        # Whoever waits for this lock sees that its file is gone. Windows can't remove a file that is held.
        if os.name == "posix":
            _leave(space)
        lock.release()
        if os.name != "posix":
            _leave(space)


def _space(target: Path) -> Path:
    return target.with_name(f".{target.name}.rosterdesk")


def _restore(old: Path, target: Path) -> None:
    """Put the old files back if nothing has taken their place."""
    if old.exists() and not target.exists():
        old.rename(target)


def _empty(space: Path) -> None:
    for name in ("new", "old"):
        shutil.rmtree(space / name, ignore_errors=True)


def _leave(space: Path) -> None:
    with contextlib.suppress(OSError):
        (space / "lock").unlink(missing_ok=True)
        space.rmdir()


def _own_folder(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise FileError(f"{target} is a file.", "Name a folder.")
    names = {path.name for path in target.iterdir()} - _DROPPINGS
    ours = (
        {MARK, *(target / MARK).read_text(encoding="utf-8", errors="replace").splitlines()} if MARK in names else set()
    )
    if names - ours:
        raise FileError(f"{target} holds other files.", "Name a new or empty folder, or one that RosterDesk wrote.")


def _own_archive(target: Path) -> None:
    if not target.exists():
        return
    if not _is_ours(target):
        raise FileError(f"{target} is there already and is not RosterDesk's.", "Name another file, or remove this one.")


def _is_ours(target: Path) -> bool:
    if not zipfile.is_zipfile(target):
        return False
    with zipfile.ZipFile(target) as file:
        return file.comment == COMMENT


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":  # Windows has no such thing as a folder that is flushed
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        if path.is_file():
            path.chmod(0o600)
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _told(target: Path) -> Iterator[None]:
    """Turn what the disk says into words for people."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        code = getattr(error, "errno", None)
        said = error.strerror or "" if isinstance(error, OSError) else str(error).partition("\n")[0]
        if code in {errno.ENOSPC, errno.EDQUOT} or "No space left" in said:
            raise FileError(
                "The disk is full.", f"Make room on the disk of {target}; nothing was written.", said
            ) from error
        if code in {errno.EACCES, errno.EPERM, errno.EROFS} or "Permission denied" in said:
            raise FileError(
                f"{target} may not be written by you.", "Ask its owner, or choose another folder.", said
            ) from error
        raise FileError(f"{target} can't be written.", "Choose another folder; nothing was written.", said) from error
