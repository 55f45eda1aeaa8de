"""OLE2 compound files, the wrapper of old Office documents and of encrypted new ones: the names inside, and one stream.

Layout: [MS-CFB], Compound File Binary File Format. Broken chains end early, and nothing here raises for them.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
_MARKS = 0xFFFFFFFA
"""Sector numbers from here on are marks, no places."""
_IN_HEADER = 109
_SMALL = 4096
"""Streams below this size lie in a file within the file, which is not read here."""
_MOST_SECTORS = 1 << 21


class Compound:
    """A compound file that is open for reading. Without the magic number in front, it holds no names."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.found: dict[str, tuple[int, int]] = {}
        """First sector and size of every stream and folder."""
        header = file.read(512)
        if len(header) < 512 or not header.startswith(MAGIC):
            return
        self._size = 1 << min(max(struct.unpack_from("<H", header, 30)[0], 7), 16)
        self._next = self._table(header)
        listing = self._chain(struct.unpack_from("<I", header, 48)[0])
        for at in range(0, len(listing) - 127, 128):
            entry = _Entry._make(struct.unpack_from("<64sHBx48xIQ", listing, at))
            if entry.kind:
                name = entry.name[: max(min(entry.length, 64) - 2, 0)].decode("utf-16-le", "replace")
                self.found[name] = (entry.start, entry.size & 0xFFFFFFFF)

    def stream(self, name: str) -> bytes:
        """The bytes of a stream; none when it is not there, small, or broken."""
        start, size = self.found.get(name, (_MARKS, 0))
        data = self._chain(start)[:size] if size >= _SMALL else b""
        return data if len(data) == size else b""

    def _table(self, header: bytes) -> list[int]:
        """For every sector, the one that follows it."""
        places = list(struct.unpack_from(f"<{_IN_HEADER}I", header, 76))
        more, per = struct.unpack_from("<I", header, 68)[0], self._size // 4
        seen = set()
        while more < _MARKS and more not in seen:
            seen.add(more)
            data = self._sector(more)
            if len(data) < self._size:
                break
            *listed, more = struct.unpack(f"<{per}I", data)
            places += listed
        table: list[int] = []
        for place in places:
            data = self._sector(place) if place < _MARKS else b""
            if len(data) < self._size or len(table) > _MOST_SECTORS:
                break
            table += struct.unpack(f"<{per}I", data)
        return table

    def _chain(self, sector: int) -> bytes:
        data, seen = bytearray(), set()
        while sector < _MARKS and sector not in seen:
            seen.add(sector)
            data += self._sector(sector)
            sector = self._next[sector] if sector < len(self._next) else _MARKS
        return bytes(data)

    def _sector(self, number: int) -> bytes:
        self._file.seek((number + 1) * self._size)
        return self._file.read(self._size)


class _Entry(NamedTuple):
    name: bytes
    length: int
    kind: int
    start: int
    size: int
