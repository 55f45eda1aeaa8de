"""Whole files over a line, as fast as it allows: many requests are on their way at once, few megabytes wait in memory.

What broke off goes on from where it was sure. Every file is told its size before, and must have it after.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rosterdesk.errors import FileError, UnreachableError
from rosterdesk.net import far
from rosterdesk.net.far import Entry

if TYPE_CHECKING:
    from rosterdesk.net.sftp import Line

_READ, _WRITE = 5, 6
_STATUS, _DATA = 101, 103
_IN_FLIGHT = 4 << 20  # bytes
_SURE = 32768  # bytes that every server takes in one request
_MOST = 255 << 10
_LIMITS, _CHECK = "limits@openssh.com", "check-file"
_AGAIN = 8 << 20  # what a broken line may have left half written
_COMPARED = 64 << 10
_BLOCK, _RANGE = 64 << 10, 64 << 20  # of a checksum, and of as many as fit into one answer
_PLACE = struct.Struct(">QI")


class _Sizes:
    """How much one request may ask for, and bring, as the server tells it; both once a line."""

    def __init__(self, line: Line) -> None:
        self.read = self.write = _SURE
        if _LIMITS in line.extensions:
            answer = line.extended(_LIMITS)
            packet, read, write = answer.get_int64(), answer.get_int64(), answer.get_int64()
            self.read = min(read or _SURE, _MOST)
            self.write = min(write or _SURE, (packet or _SURE + 1024) - 1024, _MOST)


def get(line: Line, path: str, entry: Entry, target: Path, told: Callable[[int], None] = lambda done: None) -> None:
    """Bring the file that `entry` tells of; what `target` holds already is not asked for again.

    Raises `UnreachableError` when it is gone, may not be read, or is no longer as `entry` says; `LineCut` when the line
    breaks: `target` then holds the part that is sure.
    """
    sizes = _Sizes(line)
    with target.open("ab") as file:
        try:
            with far.told(line, path, path), line.open(path, "rb") as remote:
                _get(line, remote.handle, file, entry.size, sizes.read, told)
        except UnreachableError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise vanished(line, path) from error
            raise
    after = far.look(line, path)
    if after is None:
        raise vanished(line, path)
    if (after.size, after.modified) != (entry.size, entry.modified):
        raise changed(line, path, f"{entry.size} to {after.size} bytes")
    if target.stat().st_size != entry.size:
        raise UnreachableError(f"{path} did not arrive whole.", "Try again.", f"{target.stat().st_size} bytes")


def _get(line: Line, handle: bytes, file: BinaryIO, size: int, piece: int, told: Callable[[int], None]) -> None:
    """Append the rest of the remote file, in its order: whenever this ends, what is in `file` is sure."""
    asked = here = file.tell()
    head = struct.pack(">I", len(handle)) + handle
    wanted: dict[int, tuple[int, int]] = {}
    again: list[tuple[int, int]] = []
    early: dict[int, bytes] = {}  # what came before its turn, by its place
    while here < size:
        requests = []
        while again or (asked < size and asked - here < _IN_FLIGHT):
            at, length = again.pop() if again else (asked, min(piece, size - asked))
            asked = max(asked, at + length)
            number = line.number()
            wanted[number] = (at, length)
            requests.append(struct.pack(">IBI", 5 + len(head) + 12, _READ, number) + head + _PLACE.pack(at, length))
        if requests:
            line.send(b"".join(requests))
        kind, answer = line.answer()
        at, length = wanted.pop(struct.unpack_from(">I", answer)[0], (-1, 0))
        if at < 0:  # of a file that was closed before
            continue
        if kind != _DATA:
            raise _no_data(line, answer)
        data = answer[8:]
        if len(data) < length:  # a server may give less than was asked for
            again.append((at + len(data), length - len(data)))
        early[at] = data
        while (ready := early.pop(here, None)) is not None:
            _keep(file, ready)
            here += len(ready)
        told(here)


def _keep(file: BinaryIO, data: bytes) -> None:
    try:
        file.write(data)
    except OSError as error:
        raise FileError("The disk of this computer is full.", "Make room on it.", error.strerror or "") from error


def _no_data(line: Line, answer: bytes) -> BaseException:
    try:
        line.status(answer[4:])
    except EOFError:
        return UnreachableError(
            "A file became shorter while it was read.", "Run again when whatever writes it is done."
        )
    except OSError as error:
        return error
    return OSError("no data")


def put(line: Line, source: Path, path: str, told: Callable[[int], None] = lambda done: None) -> None:
    """Write `source` to `path`, where a part of it may lie already; verify its size, and its checksum where the server
    can. Raises `UnreachableError` for what the server refuses, `LineCut`: a part then lies there.
    """
    sizes = _Sizes(line)
    size = source.stat().st_size
    name = path.rpartition("/")[2]
    start = _sure(line, source, path)
    # Opened without "w", as that would empty it; paramiko calls this "r+".
    with source.open("rb") as file:
        with far.told(line, path, f"The folder {path.rpartition('/')[0] or '.'}", writing=True):
            remote = line.open(path, "r+" if start else "w")
        with far.told(line, path, name, writing=True):
            file.seek(start)
            try:
                _put(line, remote.handle, file, start, sizes.write, told)
            finally:
                remote.close()
    after = far.look(line, path)
    if after is None or after.size != size:
        free = far.room(line, path.rpartition("/")[0])
        if free is not None and free < size:
            raise far.full(line, path.rpartition("/")[0])
        there = f"{after.size if after else 0} of {size} bytes"
        raise UnreachableError(f"{name} did not reach {line.site.host} whole.", "Try again.", there)
    _same(line, source, path, name)


def _sure(line: Line, source: Path, path: str) -> int:
    """How many bytes of the file lie at the far end already, without those that a broken line may have left half."""
    there = far.look(line, path)
    start = min(there.size if there else 0, source.stat().st_size) - _AGAIN
    if start <= 0:
        return 0
    at = max(0, start - _COMPARED)
    with far.told(line, path, path), line.open(path, "rb") as remote, source.open("rb") as file:
        remote.seek(at)
        file.seek(at)
        return start if remote.read(start - at) == file.read(start - at) else 0


def _put(line: Line, handle: bytes, file: BinaryIO, at: int, piece: int, told: Callable[[int], None]) -> None:
    head = struct.pack(">I", len(handle)) + handle
    flying: dict[int, int] = {}
    waiting = 0
    while data := file.read(piece):
        number = line.number()
        flying[number] = len(data)
        waiting += len(data)
        size = 5 + len(head) + 12 + len(data)
        line.send(struct.pack(">IBI", size, _WRITE, number) + head + _PLACE.pack(at, len(data)) + data)
        at += len(data)
        while flying and (waiting > _IN_FLIGHT or line.waiting()):
            waiting -= _confirmed(line, flying)
        told(at - waiting)
    while flying:
        waiting -= _confirmed(line, flying)
    told(at)


def _confirmed(line: Line, flying: dict[int, int]) -> int:
    kind, answer = line.answer()
    length = flying.pop(struct.unpack_from(">I", answer)[0], 0)
    if kind == _STATUS and length:
        line.status(answer[4:])
    return length


def _same(line: Line, source: Path, path: str, name: str) -> None:
    """Compare the checksums of all blocks, where the server makes them (OpenSSH does not).

    The blocks are of the size up to which paramiko's server, the best known of those that do, makes right ones.
    """
    if _CHECK not in line.extensions:
        return
    size = source.stat().st_size
    with line.open(path, "rb") as remote, source.open("rb") as file:
        for start in range(0, size, _RANGE):
            length = min(_RANGE, size - start)
            long = [half for value in (start, length) for half in (value >> 32, value & 0xFFFFFFFF)]
            try:
                answer = line.extended(_CHECK, remote.handle, "sha256,sha1,md5", *long, _BLOCK)
            except OSError:  # it can, but not this way
                return
            answer.get_text()
            method, theirs = answer.get_text(), answer.get_remainder()
            ours = b"".join(
                hashlib.new(method, file.read(min(_BLOCK, length - at)), usedforsecurity=False).digest()
                for at in range(0, length, _BLOCK)
            )
            if theirs != ours:
                title = f"{name} did not reach {line.site.host} as it is here."
                raise UnreachableError(title, "Try again.", method)


def changed(line: Line, path: str, detail: str = "") -> UnreachableError:
    """The error for a file that is not what it was a moment ago."""
    title = f"{path} on {line.site.host} was changed while it was read."
    return UnreachableError(title, "Run again when whatever writes it is done.", detail)


def vanished(line: Line, path: str) -> UnreachableError:
    """The error for a file that was there a moment ago."""
    title = f"{path} was taken away from {line.site.host} before it was read."
    return UnreachableError(title, "Run again when whatever writes there is done.")
