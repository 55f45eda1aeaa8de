"""What a ZIP says about itself, judged before anything of it is unpacked: sizes, names, links, passwords, overlaps."""

from __future__ import annotations

import errno
import lzma
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO, NamedTuple

from rosterdesk.errors import FileError

_NEW_ONE = "Ask for a new ZIP, or unpack it yourself and choose the folder."
_DIRECTORY_ENTRY = 46
_LONGEST_NAME = 4096
_LOCAL = struct.Struct("<4s22xHH")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a ZIP may hold. `floor` bytes are allowed however well they were compressed."""

    times: int = 100
    floor: int = 10_000_000
    unpacked: int = 10 << 30
    entries: int = 10_000


LIMITS = Limits()
WORKBOOK = Limits(unpacked=4 << 30)
"""A workbook is read into memory, not onto the disk."""


@dataclass(slots=True)
class Spent:
    """What one ZIP and the ZIPs inside it have taken of the limits; `packed` is the size of the outermost file."""

    packed: int
    unpacked: int = 0
    entries: int = 0


class Entry(NamedTuple):
    """A file of a ZIP: what the ZIP says of it, and its name with "/" between folders, safe to be shown."""

    info: zipfile.ZipInfo
    name: str


@contextmanager
def opened(path: Path, label: str) -> Iterator[zipfile.ZipFile]:
    """The ZIP, with everything that can go wrong while it is open turned into `FileError`."""
    try:
        with path.open("rb") as file:
            _check_list(file, label)
            with zipfile.ZipFile(file) as archive:
                yield archive
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise full(label, str(error)) from error
        if error.errno is not None and error.errno != errno.EINVAL:
            raise FileError(
                f"{label} cannot be read.", "Look whether it is still there and may be opened.", str(error)
            ) from error
        raise damaged(label, str(error)) from error
    except (
        *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
        *(NotImplementedError, struct.error, ValueError, OverflowError),
    ) as error:
        raise damaged(label, str(error)) from error


def damaged(label: str, detail: str) -> FileError:
    """The error for a ZIP that does not hold what it says."""
    return FileError(f"{label} is damaged.", "Copy it again, or ask for a new one.", detail)


def full(label: str, detail: str) -> FileError:
    """The error for a disk without room."""
    return FileError(f"There is no room on the disk to unpack {label}.", "Free some space and try again.", detail)


def inspect(archive: zipfile.ZipFile, label: str, spent: Spent, limits: Limits = LIMITS) -> None:
    """Add what the ZIP holds to `spent`. Raises `FileError` when that is over the limits or cannot be."""
    infos = archive.infolist()
    spent.entries += len(infos)
    if spent.entries > limits.entries:
        raise _too_many(label, limits.entries, str(spent.entries))
    for info in infos:
        _check_entry(info, label, limits)
        spent.unpacked += info.file_size
    if spent.unpacked > limits.unpacked:
        raise FileError(
            f"{label} would be larger than {limits.unpacked >> 30} GiB when unpacked.",
            "That is more than a roster can be. Look where the file comes from.",
            f"{spent.unpacked} bytes",
        )
    if spent.unpacked > limits.floor and spent.unpacked > limits.times * spent.packed:
        raise _bomb(label, limits, spent.packed, spent.unpacked)
    _check_overlaps(archive, label)


def _check_list(file: BinaryIO, label: str) -> None:
    """Refuse a list of files that could not be held in memory. The number that the ZIP tells is not believed."""
    size = file.seek(0, 2)
    tail_at = max(0, size - 65_535 - 22 - 76)
    file.seek(tail_at)
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or end + 22 > len(tail):
        raise damaged(label, "no end of central directory")
    length = struct.unpack_from("<I", tail, end + 12)[0]
    if length == 0xFFFFFFFF and end >= 76 and tail[end - 76 : end - 72] == b"PK\6\6":
        length = struct.unpack_from("<Q", tail, end - 76 + 40)[0]
    if length > size:
        raise damaged(label, "central directory larger than the file")
    if length > LIMITS.entries * (_DIRECTORY_ENTRY + _LONGEST_NAME):
        raise _too_many(label, LIMITS.entries, f"{length} bytes of central directory")
    file.seek(0)


def _check_entry(info: zipfile.ZipInfo, label: str, limits: Limits) -> None:
    if info.flag_bits & 0x1:
        raise FileError(
            f"{label} is protected by a password.",
            "Unpack it yourself with the password, and choose the folder; or make a ZIP without a password.",
        )
    if info.compress_type not in _METHODS:
        raise FileError(
            f"{label} is compressed in a way that is not known here.",
            "Unpack it yourself and choose the folder.",
            f"method {info.compress_type}",
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise FileError(f"{label} holds links or devices instead of files.", _NEW_ONE, f"mode {kind:o}")
    if info.file_size > limits.floor and info.file_size > limits.times * info.compress_size:
        raise _bomb(label, limits, info.compress_size, info.file_size)


def _check_overlaps(archive: zipfile.ZipFile, label: str) -> None:
    """Refuse entries that share bytes: a small file that unpacks to a huge one is made that way (Fifield, 2019)."""
    assert archive.fp is not None
    free_from = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < free_from:
            raise FileError(f"{label} holds files that lie over each other.", _NEW_ONE, f"at {info.header_offset}")
        archive.fp.seek(info.header_offset)
        signature, name, extra = _LOCAL.unpack(archive.fp.read(_LOCAL.size))
        if signature != b"PK\3\4":
            raise damaged(label, f"no entry at {info.header_offset}")
        free_from = info.header_offset + _LOCAL.size + name + extra + info.compress_size
    if free_from > archive.start_dir:
        raise FileError(f"{label} holds files that lie over each other.", _NEW_ONE, f"at {free_from}")


def _bomb(label: str, limits: Limits, packed: int, unpacked: int) -> FileError:
    return FileError(
        f"{label} is compressed more than {limits.times} times, which no roster is.",
        "It may be made to fill the disk. Look where it comes from; do not open it elsewhere.",
        f"{packed} to {unpacked} bytes",
    )


def _too_many(label: str, most: int, detail: str) -> FileError:
    return FileError(f"{label} holds more than {most:,} files.", "Make a ZIP of the roster's files alone.", detail)


def named(archive: zipfile.ZipFile, label: str) -> list[Entry]:
    """The files of the ZIP, in the order of their names. Raises `FileError` for names that climb out or come twice."""
    entries: dict[str, Entry] = {}
    for info in archive.infolist():
        # Some programs on Windows write "\" between folders, which the standard forbids.
        raw = _decoded(info).replace("\\", "/")
        parts = PurePosixPath(raw).parts
        if "\0" in raw or ".." in parts or raw.startswith("/") or PureWindowsPath(raw).drive or not parts:
            raise FileError(
                f"{label} wants to put files outside of its own folder.",
                "That is how attacks are made. Look where it comes from.",
                ascii(raw[:200]),
            )
        if info.is_dir() or raw.endswith("/"):
            continue
        name = unicodedata.normalize("NFC", "/".join(parts))
        name = "".join(letter if letter.isprintable() else "\ufffd" for letter in name)
        if name in entries:
            raise FileError(f"{label} holds two files of the same name.", _NEW_ONE, ascii(name[:200]))
        entries[name] = Entry(info, name)
    return sorted(entries.values(), key=lambda entry: (entry.name.casefold(), entry.name))


def _decoded(info: zipfile.ZipInfo) -> str:
    """The name. Without the mark for UTF-8 the standard says cp437, but macOS and others write UTF-8 all the same."""
    raw = info.orig_filename
    if info.flag_bits & 0x800 or raw.isascii():
        return raw
    try:
        return raw.encode("cp437").decode("utf-8")
    except UnicodeError:
        return raw
