"""What an ODS file shows and calamine does not give: errors in cells, and zeros that a number format puts in front.

Both are only counted, so that nothing is lost in silence. Layout: OpenDocument 1.3 part 3; `calcext` is of LibreOffice.
"""

from __future__ import annotations

import re
import zipfile

_CHUNK = 1 << 20
_OVERLAP = 200
_ERROR = re.compile(rb"calcext:value-type=[\"']error[\"']")
_ZEROS = re.compile(rb"<number:number\s[^<>]{0,100}number:min-integer-digits=[\"'](?:[2-9]|\d\d)[\"']")


def hidden(archive: zipfile.ZipFile) -> tuple[int, bool]:
    """How many cells hold an error, and whether a number format shows zeros in front."""
    errors, zeros, rest = 0, False, b""
    with archive.open("content.xml") as file:
        while chunk := file.read(_CHUNK):
            piece = rest + chunk
            end = max((found.end() for found in _ERROR.finditer(piece)), default=0)
            errors += len(_ERROR.findall(piece))
            zeros = zeros or _ZEROS.search(piece) is not None
            # What was counted is not taken along, or it would be counted again.
            rest = piece[max(end, len(piece) - _OVERLAP) :]
    return errors, zeros
