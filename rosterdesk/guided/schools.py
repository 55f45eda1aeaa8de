"""Which school of the SIS a school entered by hand probably is: by its name alone, so a person has the last word."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rosterdesk.pipeline import Roster

_LIKELY = 0.7  # from here on a name is near enough to be shown as a suggestion
_LONG = {
    "elem": "elementary",
    "es": "elementary",
    "hs": "high",
    "jhs": "junior high",
    "jr": "junior",
    "ms": "middle",
    "mt": "mount",
    "sr": "senior",
    "st": "saint",
    "acad": "academy",
    "ctr": "center",
    "centre": "center",
}
_EMPTY = {"school", "schools", "the", "of", "and", "sch"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A school of the SIS for a school here. `likeness` is from 0 to 1; `exact`: its name is the same, but for
    capitals, accents and marks, and no other school on either side has it; `nearest`: no other of ours is more like it.
    """

    sis_id: str
    name: str
    likeness: float
    exact: bool = False
    nearest: bool = True

    @property
    def likely(self) -> bool:
        """Whether it is near enough to be suggested."""
        return self.exact or (self.nearest and self.likeness >= _LIKELY)


def of_source(roster: Roster) -> dict[str, str]:
    """The names of a source's schools by their SIS IDs, by name. Raises `FileError` when it is no roster."""
    roster.require_known()
    if not roster.staging.has("incoming.schools"):
        return {}
    return dict(roster.staging.rows("select sis_id, coalesce(name, '') from incoming.schools order by 2, 1"))


def suggest(here: Mapping[int, str], theirs: Mapping[str, str]) -> dict[int, tuple[Suggestion, ...]]:
    """All schools of the SIS for each school here, the likest first. `here` are names by number, `theirs` by SIS ID."""
    from rapidfuzz import fuzz

    words = {number: _plain(name) for number, name in here.items()}
    their_words = {sis_id: _plain(name) for sis_id, name in theirs.items()}
    ours, others = Counter(words.values()), Counter(their_words.values())
    bare = {sis_id: _bare(text) for sis_id, text in their_words.items()}
    found: dict[int, list[Suggestion]] = {}
    best: dict[str, float] = {}
    for number, text in words.items():
        found[number] = []
        for sis_id, other in their_words.items():
            exact = text == other and text != "" and ours[text] == others[other] == 1
            one, two = _bare(text), bare[sis_id]
            likeness = (fuzz.token_sort_ratio(one, two) + fuzz.token_set_ratio(one, two)) / 200
            found[number].append(Suggestion(sis_id, theirs[sis_id], likeness, exact))
            best[sis_id] = max(best.get(sis_id, 0), likeness + exact)
    return {number: tuple(sorted((_beside(one, best) for one in all_), key=_order)) for number, all_ in found.items()}


def _beside(one: Suggestion, best: Mapping[str, float]) -> Suggestion:
    return replace(one, nearest=one.likeness + one.exact >= best[one.sis_id])


def _order(one: Suggestion) -> tuple[bool, float, str, str]:
    return (not one.exact, -one.likeness, one.name.casefold(), one.sis_id)


def _plain(name: str) -> str:
    """A name without capitals, accents and marks."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(c for c in parts if not unicodedata.combining(c) and c not in "'’ʼ`")
    return " ".join(re.findall(r"\w+", bare))


def _bare(text: str) -> str:
    """The words that tell schools apart, written out; all of them where there are no others."""
    written = " ".join(_LONG.get(word, word) for word in text.split())
    return " ".join(word for word in written.split() if word not in _EMPTY) or written
