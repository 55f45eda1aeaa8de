"""What a hand edit asks of a person: fields, people to choose, and the edit that is made of the answers. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rosterdesk.directory.edit import Edit
    from rosterdesk.run import Run

LANGUAGES = (
    *("en", "es", "zh", "vi", "ar", "ht", "so", "ru", "pt", "hmn", "fr", "ko", "tl", "ur", "uk", "ne", "fa", "ps"),
    *("sw", "am", "de", "ja", "pl", "pa", "hi", "bn", "te", "yo"),
)
GRADES = ("", "PK", "KG", *(f"{n:02}" for n in range(1, 13)))


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. With `choices` (value, words) one of them; with a `suffix` the name of a file to write."""

    key: str
    title: str
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = False
    hint: str = ""
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """People to choose from the directory: of a kind, one or `many`, from some schools (none: all), `which` of them as
    `browse.Which` has it, and without one."""

    entity: str
    title: str
    many: bool = False
    schools: tuple[int, ...] = ()
    which: str = "active"
    without: int = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person has filled in, and the numbers of the records that they chose."""

    values: Mapping[str, str] = field(default_factory=dict)
    picked: tuple[int, ...] = ()
    task: Run | None = None  # to report to, while the edit is made

    def some(self, *keys: str) -> dict[str, str | None]:
        """Some of the values; an empty one is None."""
        return {key: self.values[key].strip() or None for key in keys if key in self.values}


@dataclass(frozen=True, slots=True)
class Form:
    """A hand edit before it is made. `what` stands in the history, where it is a run of a `kind`; `verb` on the button.

    `sample` fills what is empty when the edit is tried beforehand, which is done only where it is given.
    """

    title: str
    sentence: str
    verb: str
    what: str
    perform: Callable[[Edit, Answers], Any]
    fields: tuple[Field, ...] = ()
    pick: Pick | None = None
    sample: Mapping[str, str] | None = None
    opens: str = ""  # the kind of the new record, which is shown afterwards
    why: str = ""  # the reason that is offered
    told: Callable[[Any], str] | None = None  # says what came of it
    kind: str = "edit"  # as `history.Kind` has it
