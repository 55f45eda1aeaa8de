"""Checks of characters: quotation marks, what can't be seen, and letters that were read in the wrong encoding."""

from __future__ import annotations

from collections.abc import Sequence

from rosterdesk.checks.catalogue import found, report
from rosterdesk.staging import Staging

# What takes no room, or looks like a plain blank. The joiners U+200C and U+200D are left out: Persian and Indic
# names need them.
_UNSEEN = (
    r"\x{00A0}\x{00AD}\x{034F}\x{061C}\x{180E}\x{2000}-\x{200B}\x{200E}\x{200F}"
    r"\x{2028}-\x{202F}\x{205F}-\x{2064}\x{3000}\x{FEFF}"
)
INVISIBLE = f"[{_UNSEEN}\\x{{0000}}-\\x{{0008}}\\x{{000B}}-\\x{{001F}}\\x{{007F}}-\\x{{009F}}]"
# The first byte of an accented letter in UTF-8, read as Windows-1252, and what then follows it.
_GARBLED = "[ÃÂ][\\x{0080}-\\x{00BF}ŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™]|â€|\\x{FFFD}"


def check(staging: Staging, relation: str, columns: Sequence[str], where: str = "true") -> None:
    """Report the cells of `relation` that hold what nobody would write on purpose. Every cell is kept as it is."""
    # Letters beyond ASCII are longer in bytes than in characters: whatever is not, needs no closer look.
    conditions = {
        f"{kind} {column}": condition
        for column in columns
        for kind, condition in (
            ("quotes", f"contains({column}, '\"')"),
            ("wide", f"strlen({column}) <> length({column})"),
        )
    }
    seen = found(staging, f"{relation} where {where}", conditions)
    for column in columns:
        if f"quotes {column}" in seen:
            rows = f"select ref, '{column}', {column} from {relation} where {where} and"
            report(staging, "quotation-marks", f"{rows} contains({column}, '\"')")
        if f"wide {column}" in seen:
            wide = (
                f"select ref, '{column}', {column} from {relation} "
                f"where {where} and strlen({column}) <> length({column}) and"
            )
            report(staging, "invisible-characters", f"{wide} regexp_matches({column}, '{INVISIBLE}')")
            report(staging, "garbled-text", f"{wide} regexp_matches({column}, '{_GARBLED}')")
