"""What is known of the cells of a sheet beside their values: errors, and zeros that a number format shows in front."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_ZEROS = re.compile(r"0{2,30}")


@dataclass(slots=True)
class Marks:
    """Of one sheet, by row and column from 0. `unplaced` counts errors in cells that do not say where they are."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unplaced: int = 0
    _zeros: dict[int, bytearray] = field(default_factory=dict)

    @property
    def zeros(self) -> bool:
        return bool(self._zeros)

    def show(self, row: int, column: int, digits: int) -> None:
        """Note that the number format of a cell shows so many digits at least."""
        widths = self._zeros.setdefault(column, bytearray())
        widths.extend(bytes(max(0, row + 1 - len(widths))))
        widths[row] = digits

    def digits(self, row: int, column: int) -> int:
        """How many digits the number format shows at least; 0 where it says nothing."""
        widths = self._zeros.get(column, b"")
        return widths[row] if row < len(widths) else 0


def zeros(code: str) -> int:
    """How many digits a number format shows at least, when it is nothing but zeros; else 0."""
    first = code.split(";", maxsplit=1)[0].strip()
    return len(first) if _ZEROS.fullmatch(first) else 0
