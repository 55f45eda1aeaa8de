"""What a layout is: its files as queries on `roster.*`. The layouts themselves are `oneroster` and `classtag`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rosterdesk.push.roster import Rules
from rosterdesk.staging import quote


@dataclass(frozen=True, slots=True)
class Facts:
    """What the files say beside the roster.

    `school_year` is the year in which it ends; `district` the ID of the organization above the schools, which no school
    has; `id_header` the header of ClassTag's user IDs.
    """

    system_name: str
    school_year: int | None
    district: str
    id_header: str


@dataclass(frozen=True, slots=True)
class File:
    """One CSV file: its columns in order, each with its SQL, the relation they come from, and the columns that sort it.

    `entities` names the records and links whose faults are its faults; an empty file that is not `required` is not
    written.
    """

    name: str
    columns: dict[str, str]
    relation: str
    order: str
    entities: tuple[str, ...] = ()
    required: bool = False

    @property
    def sql(self) -> str:
        listed = ", ".join(f"{expression} as {quote(header)}" for header, expression in self.columns.items())
        return f"select {listed} from ({self.relation}) order by {self.order}"


@dataclass(frozen=True, slots=True)
class Layout:
    """A set of files, in the order in which they are to be delivered. A manifest, which comes last, names `version` and
    every one of `all_files` as bulk or absent; without a version there is none.
    """

    rules: Rules
    files: Callable[[Facts], tuple[File, ...]]
    version: str = ""
    all_files: tuple[str, ...] = ()


def joined(items: str) -> str:
    """The SQL of a list in one cell."""
    return f"nullif(array_to_string({items}, ','), '')"


def name(column: str) -> str:
    """The SQL of a name that a file requires, even of a person who has only one of two."""
    return f"coalesce({column}, '-')"


# Members of staff who neither teach nor lead are written with the role that gives the least rights.
ROLE = "case role when 'staff' then 'aide' else role end"
