"""One kind of problem, as the catalogue tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from rosterdesk.model import Severity

ERROR, WARNING, NOTICE = Severity.ERROR, Severity.WARNING, Severity.NOTICE


@dataclass(frozen=True, slots=True)
class Entry:
    """`title` names the group ("Duplicate IDs"); `sentence` tells what is so, what follows, and what to do; `fix`
    names the mend.

    A sentence may hold {value}, the faulty cell. Nobody is blamed in it, and nothing is called invalid.
    """

    severity: Severity
    title: str
    sentence: str
    fix: str | None = None
