"""Turns what the two database drivers and the file system throw into the errors that people may see."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy.exc

from rosterdesk.errors import Cancelled, DirectoryBusy, DirectoryError, RosterDeskError, SecretError, UnreachableError
from rosterdesk.run import Run

_FULL = "Free some space, or move the directory to another disk. Nothing was changed."

# Primary result codes (https://www.sqlite.org/rescode.html).
_SQLITE: dict[int, tuple[type[RosterDeskError], str, str]] = {
    3: (DirectoryError, "The directory may not be opened.", "Ask its owner, or choose another folder."),
    5: (DirectoryBusy, "Another program holds the directory.", "Close it and try again."),
    6: (DirectoryBusy, "Another program holds the directory.", "Close it and try again."),
    8: (DirectoryError, "The directory is read-only.", "Allow writing to the file and to its folder, then try again."),
    10: (
        DirectoryError,
        "The disk refused to read or write the directory.",
        "Check the disk and its free space. Nothing was changed.",
    ),
    11: (DirectoryError, "The directory's file is damaged.", "Restore it from a backup."),
    13: (DirectoryError, "The disk is full.", _FULL),
    14: (
        DirectoryError,
        "The directory's file cannot be opened.",
        "Check that the folder exists and that you may use it.",
    ),
    26: (
        SecretError,
        "The key does not fit this directory.",
        "Use the passphrase, key file or keyring it was made with.",
    ),
}

# Classes and codes of SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html), the longest match
# first.
_POSTGRES: dict[str, tuple[type[RosterDeskError], str, str]] = {
    "53100": (DirectoryError, "The database server's disk is full.", "Tell its administrator. Nothing was changed."),
    "53300": (UnreachableError, "The database server has too many connections.", "Try again later."),
    "42501": (
        DirectoryError,
        "The database refused this.",
        "Ask its administrator for the rights to create and change tables.",
    ),
    "25006": (DirectoryError, "The database is read-only.", "Ask its administrator."),
    "55P03": (DirectoryBusy, "Another program holds the directory.", "Try again later."),
    "40P01": (DirectoryBusy, "Another program changed the directory at the same moment.", "Try again."),
    "28": (UnreachableError, "The database server refused the sign-in.", "Check user name and password."),
    "3D000": (
        UnreachableError,
        "The database does not exist.",
        "Check its name, or ask the administrator to create it.",
    ),
    "08": (
        UnreachableError,
        "The connection to the database server was lost.",
        "Nothing was changed. Try again later.",
    ),
    "57": (UnreachableError, "The database server stopped the work.", "Nothing was changed. Try again later."),
    "22": (
        DirectoryError,
        "The database cannot hold a value.",
        "Nothing was changed. Check the data for characters that are not text.",
    ),
}


@contextmanager
def shown_to_people(run: Run, driver: type[Exception]) -> Iterator[None]:
    """Within it, foreign exceptions that a person can do something about become ours; bugs leave as they are.

    `driver` is the base of the driver's own errors, which come from raw cursors without SQLAlchemy's wrapping.
    """
    try:
        yield
    except (sqlalchemy.exc.DBAPIError, driver, OSError) as error:
        ours = _translated(error.orig if isinstance(error, sqlalchemy.exc.DBAPIError) else error, run)
        if ours is None:
            raise
        raise ours from error


def _translated(error: BaseException | None, run: Run) -> RosterDeskError | None:
    if isinstance(error, OSError):
        return _from_system(error)
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return (
            _interrupted(run)
            if code & 0xFF == 9
            else _made(_SQLITE.get(code & 0xFF), getattr(error, "sqlite_errorname", ""))
        )
    if not type(error).__module__.startswith("psycopg"):
        return None
    state = getattr(error, "sqlstate", None)
    if state == "57014":
        return _interrupted(run)
    if state is None and type(error).__name__ == "OperationalError":
        return UnreachableError(
            "The database server cannot be reached.",
            "Check its address and the network, then try again.",
            str(error).partition("\n")[0],
        )
    found = next(
        (_POSTGRES[key] for key in sorted(_POSTGRES, key=len, reverse=True) if (state or "").startswith(key)), None
    )
    return _made(found, f"SQLSTATE {state}")


def _interrupted(run: Run) -> RosterDeskError:
    if run.cancelled:
        return Cancelled("Stopped.", "Nothing was changed.")
    return DirectoryError("The work on the directory was interrupted.", "Nothing was changed. Try again.")


def _from_system(error: OSError) -> RosterDeskError | None:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return DirectoryError("The disk is full.", _FULL, error.strerror or "")
        case errno.EACCES | errno.EPERM:
            return DirectoryError(
                f"{error.filename or 'The directory'} may not be used by you.",
                "Ask its owner, or choose another folder.",
                error.strerror or "",
            )
        case errno.EROFS:
            return DirectoryError(
                "The directory is on a read-only disk.", "Choose another folder.", error.strerror or ""
            )
        case errno.ENOENT | errno.EEXIST | errno.ENOTDIR | errno.EISDIR | errno.ENAMETOOLONG | errno.EINVAL:
            advice = "Name a file in a folder that exists."
            return DirectoryError("This is no place for a directory.", advice, error.strerror or "")
        case _:
            return None


def _made(found: tuple[type[RosterDeskError], str, str] | None, detail: str) -> RosterDeskError | None:
    if found is None:
        return None
    kind, title, advice = found
    return kind(title, advice, detail)
