"""Which characters the bytes of a text file stand for: byte order marks, UTF-16 without one, UTF-8, and the single-byte
code pages.

Nothing is decoded with loss: bytes that do not fit are kept readable and marked, so that the reader can name their
line.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MARK = "\ufdd4"
"""Stands before each character that was made from a byte that did not fit (a Unicode noncharacter: never part of a
text).
"""

ERRORS = "rosterdesk-mark"
"""The name of the error handler that puts the mark; for `open` and `bytes.decode`."""

CHUNK = 1 << 20
SAMPLE = 1 << 22

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Mac Roman and the DOS pages are still written: by Excel for Mac ("CSV (Macintosh)") and by old SIS report writers.
_PAGES = ("cp1252", "mac_roman", "cp850", "cp437")
_LETTERS = frozenset("áéíóúñüçàèìòùâêîôûäëïöãõåøæßÁÉÍÓÚÑÜÇÀÈÌÒÙÂÊÎÔÛÄËÏÖÃÕÅØÆœŒšŠžŽýÝÿ")
_OPENING, _CLOSING = frozenset("‘“‚„"), frozenset("’”…")
_SIGNS = frozenset("\xa0¿¡ªº°€£©®™§½¼¾²³·«»†–—•")


@dataclass(frozen=True, slots=True)
class Encoding:
    """`name` is a codec of Python. `guessed`: no mark and no proof, only likelihood. `mixed`: UTF-8 with other bytes in
    between. `nuls`: there are NUL bytes in it that stand for nothing.
    """

    name: str
    guessed: bool = False
    mixed: bool = False
    nuls: bool = False


def detect(source: Path | bytes) -> Encoding:
    """The encoding of a whole file (read in pieces) or of bytes. Raises OSError when the file cannot be read."""
    pieces = _pieces(source)
    head = next(pieces, b"")
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name)
    wide = _without_mark(head[:4096])
    if wide:
        return Encoding(wide, guessed=True)
    nuls = b"\0" in head
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(head)
        for piece in pieces:
            nuls = nuls or b"\0" in piece
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return _not_utf8(_high_bytes(source))
    return Encoding("utf-8", nuls=nuls)


def _pieces(source: Path | bytes) -> Iterator[bytes]:
    if isinstance(source, bytes):
        for start in range(0, len(source), CHUNK):
            yield source[start : start + CHUNK]
    else:
        with source.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece


def _without_mark(head: bytes) -> str:
    """UTF-16 without a mark: western text has a NUL in every second byte; a few NULs elsewhere are only dirt."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if half and odd > half * 0.4 and even < odd * 0.1:
        return "utf-16-le"
    if half and even > half * 0.4 and odd < even * 0.1:
        return "utf-16-be"
    return ""


def _high_bytes(source: Path | bytes) -> bytes:
    """A sample made of the lines that hold bytes above 127: these alone decide, and in a large file they may come
    late.
    """
    found, size = [], 0
    for piece in _pieces(source):
        if piece.isascii():
            continue
        for line in piece.splitlines():
            if not line.isascii():
                found.append(line)
                size += len(line)
        if size > SAMPLE:
            break
    return b"\n".join(found)


def _not_utf8(sample: bytes) -> Encoding:
    text = sample.decode("utf-8", ERRORS)
    bad = text.count(MARK)
    good = sum(1 for character in text if ord(character) > 127) - 2 * bad
    # Runs of a code page that happen to be valid UTF-8 are rare ("Ã©"), so an even balance already speaks for UTF-8.
    if good >= max(bad, 1):
        return Encoding("utf-8", mixed=True)
    high = sum(1 for byte in sample if byte > 127)
    letters = sum(1 for byte in sample if 65 <= byte <= 90 or 97 <= byte <= 122)
    if high < letters:
        page, plausible = max(((page, _plausible(sample, page)) for page in _PAGES), key=lambda entry: entry[1])
        if plausible > 0:
            return Encoding(page, guessed=True)
    from charset_normalizer import from_bytes  # heavy, and hardly ever needed

    best = from_bytes(sample[:65536]).best()
    if best is not None and best.encoding not in ("ascii", "utf_8"):
        return Encoding(best.encoding, guessed=True)
    return Encoding("latin-1", guessed=True)


def _plausible(sample: bytes, page: str) -> float:
    """How well the characters above 127 stand among their neighbours; far below zero when a byte has no character at
    all.
    """
    try:
        text = sample[:SAMPLE].decode(page)
    except UnicodeDecodeError:
        return -1e9
    score = 0.0
    for place, character in enumerate(text):
        if character < "\x80":
            continue
        before = text[place - 1] if place else " "
        after = text[place + 1] if place + 1 < len(text) else " "
        score += _fits(before, character, after)
    return score


def _fits(before: str, character: str, after: str) -> float:
    inside = before.isalpha() and after.isalpha()
    if character in _LETTERS:
        if not before.isalpha() and not after.isalpha():
            return 0.2
        # A capital after a small letter is what a wrong page makes of an accent: "JosŽ" for "José" of Mac Roman.
        small_then_capital = (before.islower() and character.isupper()) or (character.islower() and after.isupper())
        return -2.0 if small_then_capital else 1.0
    if character == "’" and inside:
        # Weighs more than a letter: "O’Malley" of Mac Roman is "OÕMalley", all letters, in Windows-1252.
        return 1.5
    if character in _OPENING:
        return 1.2 if after.isalnum() and not before.isalnum() else -0.5
    if character in _CLOSING:
        return 1.2 if not after.isalnum() and not before.isspace() else -0.5
    if character in _SIGNS:
        return -1.5 if inside and character not in "–—" else 0.3
    return -3.0 if character < "\xa0" else -1.0


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    if error.encoding.startswith("utf-8") or error.encoding == "utf8":
        # The usual stranger in UTF-8 is Windows-1252; its five holes are read as the control characters of Latin-1.
        kept = [bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in bad]
        return "".join(MARK + character for character in kept), error.end
    return MARK + "\ufffd", error.end


codecs.register_error(ERRORS, _mark)
