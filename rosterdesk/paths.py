"""Where RosterDesk keeps its files, and how it makes files that only their owner can read."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rosterdesk.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent
# In a wheel and in the frozen program the resources lie inside the package, in a checkout beside it.
RESOURCES = _PACKAGE / "resources" if (_PACKAGE / "resources").is_dir() else _PACKAGE.parent / "resources"
_PREFIX = "rosterdesk-"
_LOCK = ".lock"
DRAFT = "draft.json"  # in the folder of the unfinished upload: what was decided about it
_JUST_MADE = 60  # seconds: who made a folder may be about to take its lock
_STALE_AFTER = 24 * 3600
_REPORTS_FOR = 90 * 24 * 3600


def private_files() -> None:
    """Make every file and folder that this process creates readable by its owner only."""
    os.umask(0o077)


def home() -> Path:
    """The folder of the user's own data, made if missing. `ROSTERDESK_HOME` overrides it."""
    if override := os.environ.get("ROSTERDESK_HOME"):
        folder = Path(override)
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", Path.home())) / "RosterDesk"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support" / "RosterDesk"
    else:
        folder = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "rosterdesk"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def default_directory() -> Path:
    """The user's embedded directory."""
    return home() / "directory.db"


def demo_folder(folder: Path | None = None) -> Path:
    """The demo's folder, emptied if it holds an earlier demo. Raises `UsageError` if it holds anything else."""
    folder = folder or home() / "demo"
    mark = folder / "rosterdesk-demo"
    if folder.exists() and any(folder.iterdir()):
        if not mark.exists():
            raise UsageError(f"{folder} holds other files.", "Name a new or empty folder with --at.")
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    mark.touch()
    return folder


@contextmanager
def scratch() -> Iterator[Path]:
    """An owner-only folder for one run's temporary files; removed at the end, whatever happens.

    The lock in it is held as long: where the process is killed, its end gives the lock back, by which is known that
    nobody uses the folder any more, whoever has the process's number by then.
    """
    from filelock import FileLock  # a start that runs nothing need not load it

    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    lock = FileLock(folder / _LOCK, mode=0o600, thread_local=False)
    try:
        with lock:
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> int:
    """Remove the scratch folders of processes that died before they could; return how many went."""
    gone = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).split("-", 1)[0]
        if pid.isdigit() and folder.is_dir() and not _used(int(pid), folder):
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def unfinished() -> Path:
    """The folder of the upload that was begun in the window and not finished; it may not be there."""
    return home() / "unfinished"


def address(where: str) -> str:
    """A directory's place so that it says the same from any folder."""
    return where if "://" in where else str(Path(where).resolve())


def unfinished_of() -> tuple[str, int]:
    """The address of the directory that the unfinished upload was begun for, and the number of the process that it was
    begun in; "" and 0 where that is not known.
    """
    try:
        said = json.loads((unfinished() / DRAFT).read_text("utf-8"))
        return str(said.get("where", "")), int(said.get("process", 0))
    except (OSError, ValueError, TypeError, AttributeError):
        return "", 0


def remove_unfinished(edge: float, where: str) -> int:
    """Remove the upload that was not finished, if nothing of it was written since `edge` (seconds since 1970), it is
    not of another directory than the one at the address `where`, and the window that it was begun in is closed; return
    how many files went.
    """
    files = left_unfinished(edge, where)
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def left_unfinished(edge: float, where: str) -> list[Path]:
    """The files that `remove_unfinished` would remove."""
    of, pid = unfinished_of()
    if (of and of != address(where)) or (pid > 0 and _alive(pid, unfinished())):
        return []
    files = [path for path in unfinished().glob("*") if path.is_file()]
    return files if files and max(path.stat().st_mtime for path in files) < edge else []


def keep_report(report: str) -> Path:
    """Keep what is known of a fault of our own beside the log, and no older ones than ninety days; return its file."""
    folder = home() / "reports"
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in folder.glob("report-*.txt"):
        if time.time() - old.stat().st_mtime > _REPORTS_FOR:
            old.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"report-{time.strftime('%Y%m%d-%H%M%S')}-", suffix=".txt", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(report)
    return Path(name)


def _used(pid: int, folder: Path) -> bool:
    """Whether somebody still works in the folder: whoever holds its lock; where it has none, who made it."""
    if not (folder / _LOCK).exists() or time.time() - folder.stat().st_mtime < _JUST_MADE:
        return _alive(pid, folder)
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder / _LOCK, timeout=0, mode=0o600):
            return False
    except (OSError, Timeout):  # held, or another user's
        return True


def _alive(pid: int, folder: Path) -> bool:
    if sys.platform == "win32":  # os.kill(pid, 0) would end the process there, so only age decides
        return time.time() - folder.stat().st_mtime < _STALE_AFTER
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
