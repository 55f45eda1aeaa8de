"""The window. The only part of the program that knows Qt; what it shows and does comes from the parts below it."""

from __future__ import annotations

import ctypes
import sys

if sys.version_info < (3, 12):
    # Python 3.12 made these immortal, and PySide6 6.12 is built as if they always were: each call that returns nothing
    # takes one reference of None away, until there is none left and the process aborts. So they get enough for ever.
    for value in (None, True, False, NotImplemented, ...):
        ctypes.c_ssize_t.from_address(id(value)).value += 1 << 40
