"""A school whose students come back with other IDs than those that the directory has archived."""

from __future__ import annotations

from pathlib import Path

from rosterdesk.directory.engine import Directory
from tests.rosters import adult, push, roster, student, written

FAMILY = adult("G1", "guardian", given="Gia", family="Quillmoor", email="gia@example.org")
KEPT = student("K1", given="Kim", family="Varga")
LAST_YEAR = (
    student("S1", given="Elizabeth", family="Quillmoor", guardians="G1", email="liz@example.org")
    + student("S2", given="Marcus", family="Trelawney")
    + student("S3", given="Oriana", family="Featherstone")
)
# The same children with other IDs: the first with her family and address, the second with nothing but a name.
THIS_YEAR = (
    student("N1", given="Elizabeth", family="Quillmoor", guardians="G1", email="liz@example.org", grade="06")
    + student("N2", given="Marcus", family="Trelawney", grade="06")
    + student("N9", given="Wilhelmina", family="Ashdown")
)


def brought(directory: Directory, folder: Path) -> Path:
    """Push the first year and archive it; return the source of the second."""
    push(directory, written(roster(KEPT + LAST_YEAR + FAMILY), folder))
    push(directory, written(roster(KEPT + FAMILY), folder))
    return written(roster(KEPT + THIS_YEAR + FAMILY), folder)
