"""What a file is, by its content and not by its name: a text, a spreadsheet, a ZIP, or something without a table."""

from __future__ import annotations

import codecs
import re
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from rosterdesk.errors import FileError
from rosterdesk.sources import compound
from rosterdesk.sources.inspection import opened

_HEAD = 1 << 16
_EXPORT = "Choose the file that your SIS has exported: CSV, Excel (.xlsx) or a ZIP of them."
_SAVE_AS = "Open it in the program that made it, save it as Excel workbook (.xlsx) or CSV, and choose that."
_UNPACK = "Unpack it, and choose what was in it; or make a ZIP."


class Kind(StrEnum):
    """How a file is read."""

    TEXT = "text"
    SPREADSHEET = "spreadsheet"


class Nature(StrEnum):
    """What a file is, more broadly; `foreign` holds no table that can be read."""

    TEXT = "text"
    SPREADSHEET = "spreadsheet"
    ZIP = "zip"
    COMPRESSED = "compressed"
    PROTECTED = "protected"
    FOREIGN = "foreign"


class Look(NamedTuple):
    """What was seen: `what` completes the sentence "users.csv is ..."; `advice` says what to do instead."""

    nature: Nature
    what: str = ""
    advice: str = ""

    def error(self, label: str) -> FileError:
        if self.nature is Nature.PROTECTED:
            return FileError(f"{label} is protected by a password.", self.advice)
        return FileError(f"{label} is {self.what}, no table.", self.advice)


def _foreign(what: str, advice: str = _EXPORT) -> Look:
    return Look(Nature.FOREIGN, what, advice)


PROTECTED = Look(
    Nature.PROTECTED,
    advice="Open it in Excel, take the password off (File, Info, Protect Workbook), save it, and try again.",
)
_PICTURE, _PROGRAM = "a picture", "a program"
_MAGIC: tuple[tuple[bytes, Look], ...] = (
    (b"%PDF-", _foreign("a PDF document")),
    (b"\x89PNG\r\n", _foreign(_PICTURE)),
    (b"\xff\xd8\xff", _foreign(_PICTURE)),
    (b"GIF87a", _foreign(_PICTURE)),
    (b"GIF89a", _foreign(_PICTURE)),
    (b"II*\0", _foreign(_PICTURE)),
    (b"MM\0*", _foreign(_PICTURE)),
    (b"\x7fELF", _foreign(_PROGRAM)),
    (b"\xcf\xfa\xed\xfe", _foreign(_PROGRAM)),
    (b"\xca\xfe\xba\xbe", _foreign(_PROGRAM)),
    (b"SQLite format 3\0", _foreign("a database")),
    (b"PAR1", _foreign("a Parquet file", "Export it as CSV, and choose that.")),
    (b"{\\rtf", _foreign("a text document", _SAVE_AS)),
    (b"\x1f\x8b", Look(Nature.COMPRESSED, "compressed with GZIP", _UNPACK)),
    (b"BZh", Look(Nature.COMPRESSED, "compressed with BZIP2", _UNPACK)),
    (b"\xfd7zXZ\0", Look(Nature.COMPRESSED, "compressed with XZ", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Look(Nature.COMPRESSED, "compressed with 7-Zip", _UNPACK)),
    (b"Rar!\x1a\x07", Look(Nature.COMPRESSED, "compressed with RAR", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", Look(Nature.COMPRESSED, "compressed with ZSTD", _UNPACK)),
)
# Names that a text may well begin with: these count only where the rest is not text.
_SHORT: tuple[tuple[bytes, Look], ...] = (
    (b"MZ", _foreign(_PROGRAM)),
    (b"BM", _foreign(_PICTURE)),
    (b"RIFF", _foreign("a picture, sound or film")),
)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CONTROLS = bytes([*range(1, 9), *range(14, 26), 127])
_PAGE = re.compile(rb"<!doctype html|<html|<table|<head\b|<body\b", re.IGNORECASE)


def look(path: Path, label: str) -> Look:
    """What the file is. Raises OSError when it cannot be opened, and `FileError` for a ZIP that is damaged."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(compound.MAGIC):
            file.seek(0)
            return _compound(set(compound.Compound(file).found))
    if head.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08PK\3\4")):
        return _zip(path, label)
    for magic, found in _MAGIC:
        if head.startswith(magic):
            return found
    if _binary(head):
        return next((found for magic, found in _SHORT if head.startswith(magic)), _foreign("neither text nor Excel"))
    return _text(head)


def _compound(names: set[str]) -> Look:
    if "EncryptedPackage" in names:
        return PROTECTED
    if names & {"Workbook", "Book", "WORKBOOK", "BOOK"}:
        return Look(Nature.SPREADSHEET)
    if "WordDocument" in names:
        return _foreign("a Word document", _SAVE_AS)
    return _foreign("a document of another program", _SAVE_AS)


def _zip(path: Path, label: str) -> Look:
    with opened(path, label) as archive:
        names = set(archive.namelist())
        if "[Content_Types].xml" in names:
            return _office(names)
        if "mimetype" in names:
            return _open_document(archive)
        if any(name.endswith(".iwa") for name in names) or "Index.zip" in names:
            return _foreign(
                "an Apple Numbers, Pages or Keynote document", "Export it as CSV or Excel, and choose that."
            )
        if "META-INF/MANIFEST.MF" in names:
            return _foreign(_PROGRAM)
    return Look(Nature.ZIP)


def _office(names: set[str]) -> Look:
    lower = {name.lower().replace("\\", "/") for name in names}
    if "xl/workbook.bin" in lower:
        return _foreign("an Excel workbook in the binary form (.xlsb)", _SAVE_AS)
    if any(name.startswith("xl/") for name in lower):
        return Look(Nature.SPREADSHEET)
    return _foreign("a Word, PowerPoint or other document", _SAVE_AS)


def _open_document(archive: zipfile.ZipFile) -> Look:
    if archive.getinfo("mimetype").file_size > 200:
        return Look(Nature.ZIP)
    kind = archive.read("mimetype")
    if not kind.startswith(b"application/vnd.oasis.opendocument."):
        return (
            _foreign("a document of another program", _SAVE_AS)
            if kind.startswith(b"application/")
            else Look(Nature.ZIP)
        )
    if b"spreadsheet" not in kind:
        return _foreign("an OpenDocument text or drawing", _SAVE_AS)
    manifest = "META-INF/manifest.xml"
    if manifest in archive.namelist() and archive.getinfo(manifest).file_size < 1 << 20:
        listed = archive.read(manifest)
        if b"encryption-data" in listed:
            return PROTECTED
    return Look(Nature.SPREADSHEET)


def _binary(head: bytes) -> bool:
    """Whether this is no text in any encoding. A few NUL bytes stand in texts of old systems, and half of UTF-16."""
    if not head or head.startswith(_MARKS):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    nul = head.count(0)
    wide = max(head[0::2].count(0), head[1::2].count(0))
    if nul * 10 > len(head) and wide * 10 < nul * 9:
        return True
    return controls * 50 > len(head)


def _text(head: bytes) -> Look:
    start = head[:2048].replace(b"\0", b"").lstrip(codecs.BOM_UTF8 + b"\xff\xfe \t\r\n")
    if start.startswith(b"<"):
        if _PAGE.search(start):
            return _foreign("a web page, whatever its name says", _SAVE_AS)
        if b"Excel.Sheet" in start or b"office:spreadsheet" in start:
            return _foreign("a spreadsheet in an old XML form", _SAVE_AS)
        if start.startswith(b"<?xml"):
            return _foreign("an XML file")
    return Look(Nature.TEXT)
