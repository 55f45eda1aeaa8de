"""The values that cross a stage. Plain and frozen; tables themselves stay in the run's staging database."""

from __future__ import annotations

from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """What a problem does: an error leaves the record out, a warning the field, a notice changes nothing."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in the data. `row` counts as people do, the header being 1; `fix` names the mend that is offered."""

    code: str
    severity: Severity
    table: str
    row: int | None
    column: str | None
    value: str | None
    message: str
    fix: str | None = None


# --- read -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceTable:
    """One table as it was read. Its cells are `relation` (a table or view of the staging database), all text, in file
    order.

    `name` is unique in the run ("users", "book.Sheet1"); `number` (from 1) is the upper part of the `ref` of its rows;
    `first_row` is the row number, as people count it, of the first data row; `complete` is False when rows could not be
    read,
    when the file may have been cut, or when it is a part of a whole (delta), so that absence from it proves nothing.
    `beginning` is a relation of its first rows, for whoever only wants to look: a large file is not opened for that.
    """

    number: int
    name: str
    file: str
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    relation: str
    first_row: int = 2
    rows: int | None = None
    format: str | None = None
    complete: bool = True
    beginning: str = ""

    @property
    def sample(self) -> str:
        """What to look at: the beginning where there is one, else the whole."""
        return self.beginning or self.relation


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source gave: its tables, and what its manifest says (`oneroster.version`, `file.users` = bulk, delta,
    absent).
    """

    source: str
    tables: tuple[SourceTable, ...]
    manifest: MappingABC[str, str] = field(default_factory=dict)

    def table(self, name: str) -> SourceTable | None:
        return next((t for t in self.tables if t.name == name), None)


# --- map --------------------------------------------------------------------------------------------------------------


class Confidence(StrEnum):
    """How sure a suggested column is, the surest first. `given` was set by a person."""

    GIVEN = "given"
    EXACT = "exact"
    ALIAS = "alias"
    PRESET = "preset"
    LIKELY = "likely"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Transform:
    """One step from a cell to a field: an operation of `mapping.transforms` and its arguments."""

    op: str
    args: MappingABC[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Where a field comes from: source columns (none: a constant), and what is done to them in order."""

    columns: tuple[str, ...]
    transforms: tuple[Transform, ...] = ()
    confidence: Confidence = Confidence.GIVEN


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Keep only the rows whose column holds (or, with `keep` False, does not hold) one of the values, compared trimmed
    and caseless.
    """

    column: str
    values: tuple[str, ...]
    keep: bool = True


@dataclass(frozen=True, slots=True)
class TableMap:
    """How rows of one source table become rows of one target table. Several may feed the same target (wide contacts:
    one each).
    """

    table: str
    target: str
    fields: MappingABC[str, FieldMap]
    filters: tuple[RowFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one source becomes a roster. `signature` recognises the source again by its headers."""

    tables: tuple[TableMap, ...]
    name: str = ""
    signature: str = ""
    settings: MappingABC[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MappedTable:
    """What one `TableMap` made of the source table `number`: the relation `mapped."..."`, with the fields of its
    target.

    A row-preserving relation may be a lazy view: its n-th row is the source's n-th row, and its `ref` is NULL until it
    is stored.
    """

    target: str
    relation: str
    row_preserving: bool
    number: int
    first_row: int


# --- plan and push ----------------------------------------------------------------------------------------------------

# The fields that a sync brings to each kind of record, beside its SIS ID and its language (which has a setting of its
# own).
# Schools are named by SIS ID, the further ones in order and separated by U+001F.
FIELDS: dict[str, tuple[str, ...]] = {
    "schools": ("name", "type", "identifier"),
    "classrooms": ("title", "grade", "location", "period", "school_sis_id"),
    "students": (
        *("given_name", "family_name", "middle_name", "preferred_name", "email", "grade", "student_number", "state_id"),
        *("birth_date", "gender", "school_sis_id", "other_school_sis_ids"),
    ),
    "staff": (
        *("given_name", "family_name", "middle_name", "email", "sms", "phone", "role"),
        *("school_sis_id", "other_school_sis_ids"),
    ),
    "guardians": ("given_name", "family_name", "email", "sms", "phone"),
}
ENTITIES = tuple(FIELDS)
PEOPLE = ("students", "staff", "guardians")
LINKS = ("enrollments", "guardianships")

# Of a person with an active account, only the person or a Users Manager may change these, unless a setting says
# otherwise.
CONTACT_DETAILS = ("given_name", "family_name", "middle_name", "email", "sms", "phone")


@dataclass(frozen=True, slots=True)
class Tripped:
    """A limit that a plan goes over: so many of `entity` would go (in `school`, or in all), and at most `limit` may."""

    entity: str
    school: str | None
    removed: int
    limit: int
    of: int
    message: str


@dataclass(frozen=True, slots=True, order=True)
class DecidedMerge:
    """Somebody new who is, as a person has said, the record `absorbed` of the directory. `choices` are the fields of
    which a person chose whose value is kept, each with survivor or absorbed."""

    entity: str
    sis_id: str
    absorbed: int
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a push will do. The changes themselves are the `plan.*` tables; `digest` names exactly this plan on exactly
    this directory.

    `merges` are the pairs that a person has called the same, which the push will merge. `proposed` counts, by kind and
    group, the pairs that wait for a person.
    """

    digest: str
    generation: int
    counts: MappingABC[str, MappingABC[str, int]]
    tripped: tuple[Tripped, ...] = ()
    merges: tuple[DecidedMerge, ...] = ()
    proposed: MappingABC[str, MappingABC[str, int]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many changes there are in all."""
        return sum(n for counts in self.counts.values() for n in counts.values())

    @property
    def empty(self) -> bool:
        return self.size == 0


class Outcome(StrEnum):
    DONE = "done"
    HELD = "held"
    PREVIEW = "preview"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a run did, without personal data."""

    run: int | None
    outcome: Outcome
    plan: Plan
    problems: MappingABC[str, int]
