"""What people are told of each problem, by subject. Only words: what is looked for stands in the checks."""

from __future__ import annotations

from rosterdesk.checks.entries import cells, contacts, identity, links, people, places, reading, signs
from rosterdesk.checks.entries.entry import Entry

CATALOGUE: dict[str, Entry] = {
    code: entry
    for subject in (reading, identity, people, contacts, cells, places, links, signs)
    for code, entry in subject.ENTRIES.items()
}

__all__ = ["CATALOGUE", "Entry"]
