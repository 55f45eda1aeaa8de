"""What a header of no known format says: whose field it is, which of several, and which field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rosterdesk.formats.headers import words

_CLOSE = (
    0.8  # how alike a misspelt word must be to be taken for the right one: "emial", "fristname" (a swap is one edit)
)
_SHORTEST = 5  # shorter words are too alike to be mended


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of `headers.toml`: entity by word, relationship by word, field by phrase with its place in its list."""

    entities: Mapping[str, str]
    relationships: Mapping[str, str]
    fields: Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Header:
    """A header in parts, each empty where nothing tells it; `rank` is smaller for better spellings."""

    name: str
    entity: str = ""
    group: str = ""  # which contact: "1", "mother", "mother 2"
    field: str = ""
    rank: int = 0
    exact: bool = True  # False: the words are only much alike
    relationship: str = ""


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, read once."""
    data = tomllib.loads((resources.files("rosterdesk.mapping") / "headers.toml").read_text(encoding="utf-8"))
    return Lexicon(
        {word: entity for entity, found in data["entities"].items() for word in found},
        data["relationships"],
        {phrase: (field, rank) for field, phrases in data["fields"].items() for rank, phrase in enumerate(phrases)},
    )


@lru_cache(maxsize=20_000)
def parse(header: str, bare: str = "") -> Header:
    """The parts of a header; `bare` is the header without what all headers of the table share."""
    known = lexicon()
    tokens = [part for word in words(bare or header) for part in _split(word)]
    phrase = "".join(tokens)
    if phrase in known.fields:  # "sectionname", "usertype", "contacttype": a phrase of its own
        field, rank = known.fields[phrase]
        return Header(header, entity=_of_itself(tokens), field=field, rank=rank)
    marks = [t for t in tokens if t in known.entities]
    # "Student Contact Phone" is the contact's; "Parent of Student ID" the student's: the last but the contact's words
    # win.
    entities = [known.entities[m] for m in marks]
    entity = next((e for e in ("other", "guardian") if e in entities), entities[-1] if entities else "")
    numbers = [t for t in tokens if t.isdigit()]
    relation = next((m for m in marks if m in known.relationships), "")
    rest = "".join(t for t in tokens if t not in known.entities and not t.isdigit())
    field, rank, exact = _field(rest)
    group = " ".join([*([relation] if relation else []), *numbers[:1]])
    return Header(header, entity, group, field, rank, exact, known.relationships.get(relation, ""))


def _split(word: str) -> list[str]:
    """ "studentid" as student, id: an entity's word with a field's right behind it."""
    known = lexicon()
    if word in known.fields or word in known.entities:
        return [word]
    for size in range(len(word) - 2, 2, -1):
        if word[:size] in known.entities and word[size:] in known.fields:
            return [word[:size], word[size:]]
    return [word]


def _of_itself(tokens: list[str]) -> str:
    entities = [lexicon().entities[t] for t in tokens if t in lexicon().entities]
    return entities[0] if entities else ""


def _field(rest: str) -> tuple[str, int, bool]:
    known = lexicon()
    if not rest:
        return "bare", 0, True  # only the entity: "Teacher", "Class", "Mother" name a person or thing in one cell
    if rest in known.fields:
        field, rank = known.fields[rest]
        return field, rank, True
    if len(rest) >= _SHORTEST:
        # Only headers that no format knows come here, so most runs never load it.
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        found = process.extractOne(rest, known.fields.keys(), scorer=OSA.normalized_similarity, score_cutoff=_CLOSE)
        if found is not None:
            field, rank = known.fields[found[0]]
            return field, rank + 50, False
    return "", 0, False
