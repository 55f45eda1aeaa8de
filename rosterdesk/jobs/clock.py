"""Whether the computer's clock can be trusted with what goes for good when its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rosterdesk.directory import ages
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

_LONGEST = timedelta(days=60)  # between two runs, or else the clock may have jumped
_SKEW = timedelta(minutes=5)  # by which the clocks of computers that share a directory may differ
_UNSURE = "Nothing was cleaned up: by this computer's clock,"


def doubt(directory: Directory, moment: datetime, number: int | None, last: datetime | None, run: Run) -> str:
    """Why the clock can't be trusted with what would go for good, as a sentence; empty: nothing speaks against it.

    A clock that has jumped ahead takes all for old, and one that was set back what came meanwhile. `number` is the run
    that was just written down by this clock, and `last` when its job ran before.
    """
    with directory.read(run) as conn:
        newest = ages.newest(conn, directory.district)
        before = ages.newest(conn, directory.district, before=number)
    known = [at for at in (newest, before, last) if at is not None]
    if known and moment < max(known) - _SKEW:
        return f"{_UNSURE} the last run, of {max(known):%Y-%m-%d}, is yet to come."
    earlier = [at for at in (before, last) if at is not None]
    if earlier and moment - max(earlier) > _LONGEST:
        return (
            f"{_UNSURE} the run before was on {max(earlier):%Y-%m-%d}, more than {_LONGEST.days} days ago. If that is "
            "right, the next run cleans up."
        )
    return ""
