"""Who is in no pair: the new people without a match, or those of the directory who are not in the SIS, as a list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from rosterdesk.gui import theme
from rosterdesk.gui.frames import Column, held
from rosterdesk.gui.tables import TablePanel
from rosterdesk.gui.titles import ENTITIES
from rosterdesk.gui.widgets import EmptyState, column, label
from rosterdesk.gui.words import number, tr
from rosterdesk.matching.proposals import Proposals, Shown

_NOUN = ("{n} person", "{n} people")
_FIELDS = ("family_name", "given_name", "grade", "birth_date", "email", "schools")


class Unpaired(QWidget):
    """The count, what becomes of these people, and their names."""

    def __init__(self) -> None:
        super().__init__()
        self.title = label(size="section", bold=True)
        self.sentence = label(quiet=True)
        columns = (
            Column("family_name", tr("Last name"), width=150),
            Column("given_name", tr("First name"), width=130),
            Column("grade", tr("Grade"), width=60),
            Column("birth_date", tr("Birth date"), width=100),
            Column("email", tr("E-mail"), width=180, shown=False),
            Column("schools", tr("School"), width=130),
            Column("sis_id", tr("SIS ID"), fixed=True, width=110),
            Column("kind", tr("What"), width=90),
        )
        self._rows: list[tuple[object, ...]] = []
        nobody = EmptyState("search", tr("Nobody in this list holds these words."))
        self.people = TablePanel(columns, tr("People"), empty=nobody)
        self.people.looked.connect(lambda look: self.people.show_lines(held(self._rows, columns, look), noun=_NOUN))
        self._columns = columns
        whole = column(self.title, self.sentence, spacing=theme.INSIDE)
        whole.addWidget(self.people, 1)
        self.setLayout(whole)

    def show_people(self, title: str, sentence: str, found: Sequence[tuple[str, Shown]], count: int) -> None:
        """List them: the kind of each, and what is shown of it. There may be more than are listed."""
        if count > len(found):
            more = tr("The first {n} are listed here.", n=number(len(found)))
            sentence = f"{sentence} {more}"
        self.title.setText(title)
        self.sentence.setText(sentence)
        self._rows = [
            (*(one.fields.get(name) for name in _FIELDS), one.sis_id, tr(ENTITIES[entity])) for entity, one in found
        ]
        self.people.show_lines(held(self._rows, self._columns, self.people.look), noun=_NOUN)


def unmatched(found: Sequence[Proposals]) -> list[tuple[str, Shown]]:
    """The new people without a match."""
    return [(kind.entity, one) for kind in found for one in kind.unmatched]


def absent(found: Sequence[Proposals]) -> list[tuple[str, Shown]]:
    """Those of the directory who are not in the SIS."""
    return [(kind.entity, one) for kind in found for one in kind.absent]
