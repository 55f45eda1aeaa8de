"""Files at the far end of a line: what there is, and small steps, several of them together. Whole files go through
`transfer`.

Paths have "/" between folders. What a server refuses becomes an `UnreachableError` with a sentence of its own.
"""

from __future__ import annotations

import contextlib
import errno
import stat
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rosterdesk.errors import UnreachableError
from rosterdesk.net import signin

if TYPE_CHECKING:
    from rosterdesk.net.sftp import Line

_REMOVE, _RENAME, _EXTENDED, _STATUS = 13, 18, 200, 101
_POSIX_RENAME, _HARDLINK, _SPACE = "posix-rename@openssh.com", "hardlink@openssh.com", "statvfs@openssh.com"


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder at the far end. `modified` is in seconds since 1970, by the server's clock."""

    name: str
    size: int
    modified: int
    is_file: bool
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One small step: remove `path`, or give it the name `to`. A `copy` keeps both names."""

    path: str
    to: str | None = None
    copy: bool = False


def join(folder: str, name: str) -> str:
    """The path of a file in a folder; no folder: the one in which the server puts us."""
    return f"{folder.rstrip('/')}/{name}" if folder.rstrip("/") else f"/{name}" if folder else name


def entries(line: Line, folder: str) -> list[Entry]:
    """What is in a folder, by name."""
    with told(line, folder or ".", f"The folder {folder or '.'}"):
        found = [_entry(one.filename, one) for one in line.listdir_attr(folder or ".")]
    return sorted(found, key=lambda one: one.name)


def look(line: Line, path: str) -> Entry | None:
    """What is at a path, or None."""
    with told(line, path, path):
        try:
            return _entry(path.rpartition("/")[2], line.stat(path))
        except FileNotFoundError:
            return None


def _entry(name: str, seen: object) -> Entry:
    mode = getattr(seen, "st_mode", None) or 0
    size, modified = getattr(seen, "st_size", None) or 0, getattr(seen, "st_mtime", None) or 0
    # A server that tells no mode is taken at its word when we try to read.
    return Entry(name, size, modified, not mode or stat.S_ISREG(mode), bool(mode) and stat.S_ISDIR(mode))


def can_replace(line: Line) -> bool:
    """Whether the server can put one file in another's place, and keep the other under a second name meanwhile."""
    return _POSIX_RENAME in line.extensions and _HARDLINK in line.extensions


def room(line: Line, folder: str) -> int | None:
    """How many bytes may still be written there, or None where the server does not tell."""
    if _SPACE not in line.extensions:
        return None
    try:
        told_of = line.extended(_SPACE, folder or ".")
    except OSError:  # it says that it can, and can't: so we don't know
        return None
    _, unit, _, _, free = (told_of.get_int64() for _ in range(5))
    return int(unit * free)


def together(line: Line, steps: Sequence[Step]) -> list[OSError | None]:
    """Take the steps in their order, in one packet: the server gets all of them or, when the line breaks, none.

    Returns what it said of each; None: done. Raises `LineCut` when the answers did not come, so that both may be.
    """
    packets, numbers = [], []
    for step in steps:
        numbers.append(line.number())
        packets.append(_packet(step, numbers[-1], posix=_POSIX_RENAME in line.extensions))
    data = b"".join(packets)
    _has_room(line, len(data))
    line.send(data)
    said: dict[int, OSError | None] = {}
    while len(said) < len(numbers):
        kind, answer = line.answer()
        number = struct.unpack(">I", answer[:4])[0]
        if kind == _STATUS and number in numbers:
            said[number] = _said(line, answer)
    return [said[number] for number in numbers]


def _has_room(line: Line, size: int) -> None:
    """Wait until the server takes so many bytes in one piece. Its window opens by itself when it has read the rest."""
    for _ in range(100):
        if line.room() >= size:
            return
        line.run.wait(0.05)
    raise signin.cut(line.site.host, f"no room for {size} bytes in one packet")


def _said(line: Line, answer: bytes) -> OSError | None:
    try:
        line.status(answer[4:])
    except OSError as error:
        return error
    except EOFError as error:
        return OSError(str(error))
    return None


def _packet(step: Step, number: int, *, posix: bool) -> bytes:
    if step.to is None:
        body = struct.pack(">BI", _REMOVE, number) + _text(step.path)
    elif step.copy or posix:
        name = _HARDLINK if step.copy else _POSIX_RENAME
        body = struct.pack(">BI", _EXTENDED, number) + _text(name) + _text(step.path) + _text(step.to)
    else:
        body = struct.pack(">BI", _RENAME, number) + _text(step.path) + _text(step.to)
    return struct.pack(">I", len(body)) + body


def _text(text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    return struct.pack(">I", len(data)) + data


@contextlib.contextmanager
def told(line: Line, path: str, what: str, *, writing: bool = False) -> Iterator[None]:
    """Turn what the server says into words for people. `what` begins the sentence."""
    site = line.site
    try:
        yield
    except FileNotFoundError as error:
        advice = "Look at its name, and whether the server shows you another folder than you think."
        raise UnreachableError(f"{what} is not on {site.host}.", advice, str(error)) from error
    except PermissionError as error:
        verb = "written to" if writing else "read"
        advice = f"Ask the server's owner to give {site.user} the right to it."
        raise UnreachableError(
            f"{what} on {site.host} may not be {verb} by {site.user}.", advice, str(error)
        ) from error
    except OSError as error:
        raise failed(line, path, what, error, writing=writing) from error


def failed(line: Line, path: str, what: str, error: OSError, *, writing: bool) -> UnreachableError:
    """The error for what the server calls a failure and nothing more: when there is no room, that is why."""
    folder = path.rpartition("/")[0]
    if error.errno in {errno.ENOSPC, errno.EDQUOT} or (
        writing and (free := room(line, folder)) is not None and not free
    ):
        return full(line, folder)
    verb = "write" if writing else "read"
    advice = (
        "Its disk or your share of it may be full: ask the server's owner." if writing else "Ask the server's owner."
    )
    return UnreachableError(f"{line.site.host} could not {verb} {what}.", advice, str(error))


def full(line: Line, folder: str, detail: str = "") -> UnreachableError:
    """There is no room at the far end."""
    title = f"The disk of {line.site.host} is full."
    return UnreachableError(
        title, f"Ask the server's owner to make room in {folder or 'your folder'}; nothing was changed there.", detail
    )
