"""Who may do what in a district or a school: the list, and the edits that grant a permission and take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout

from rosterdesk.gui import theme
from rosterdesk.gui.forms import Field, Form
from rosterdesk.gui.settingslook import DISTRICT, Place
from rosterdesk.gui.widgets import Card, button, label, row
from rosterdesk.gui.words import tr

if TYPE_CHECKING:
    from rosterdesk.directory.permissions import Grant

_WORDS = {
    "owner": "Owner",
    "district_leader": "District leader",
    "school_leader": "School leader",
    "staff": "Member of staff",
    "users_manager": "Users Manager",
    "rostering_administrator": "Rostering Administrator",
    "permissions_administrator": "Permissions Administrator",
    "family_access": "Family Access",
    "person": "Their own details only",
}
_WIDE_ONLY = ("owner", "district_leader")
_UNGRANTABLE = ("owner",)  # that is decided where the directory is kept


class Permissions(Card):
    """`edit_wanted` carries the form of granting, or of taking away. Who may not do that sees the rule alone."""

    edit_wanted = Signal(object)

    def __init__(self, place: Place) -> None:
        super().__init__(label(tr("People and permissions"), size="section", bold=True))
        self.setAccessibleName(tr("People and permissions"))
        self.revoking: list[QPushButton] = []
        inside = self.layout()
        assert isinstance(inside, QVBoxLayout)
        if place.governs is not None:
            inside.addWidget(label(f"{place.governs.title} {place.governs.advice}".strip(), quiet=True))
            return
        text = tr("A shared directory knows people by the names with which they sign in to its server.")
        inside.addWidget(label(text, quiet=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.BETWEEN)
        grid.setVerticalSpacing(theme.INSIDE)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        schools = dict(place.places)
        for at, one in enumerate(place.grants):
            where = schools.get(one.school, f"#{one.school}")
            take = button(tr("Take away"))
            take.setAccessibleName(tr("Take away: {who}, {what}, {where}", who=one.who, what=words(one), where=where))
            take.clicked.connect(lambda _=False, one=one, where=where: self.edit_wanted.emit(_revoke(one, where)))
            take.setVisible(one.permission.value not in _UNGRANTABLE)
            self.revoking.append(take)
            grid.addWidget(label(one.who, bold=True), at, 0)
            grid.addWidget(label(words(one)), at, 1)
            grid.addWidget(label(where), at, 2)
            grid.addWidget(take, at, 3, Qt.AlignmentFlag.AlignTop)
        if not place.grants:
            grid.addWidget(label(tr("Nobody has been given a permission here yet."), quiet=True), 0, 0, 1, 3)
        inside.addLayout(grid)
        self.give = button(tr("Give a permission"), lambda: self.edit_wanted.emit(_grant(place)))
        inside.addLayout(row(self.give, None))


def words(grant: Grant) -> str:
    """What was granted, in words."""
    return tr(_WORDS[grant.permission.value])


def _grant(place: Place) -> Form:
    from rosterdesk.directory import governing
    from rosterdesk.directory.permissions import Permission

    without = _WIDE_ONLY if place.school != DISTRICT else _UNGRANTABLE
    choices = tuple((value, tr(said)) for value, said in _WORDS.items() if value not in without)
    school = place.school
    return Form(
        tr("Give a permission"),
        tr("It holds in: {place}.", place=place.name),
        tr("Give the permission"),
        "grant a permission",
        lambda edit, answers: governing.grant(
            edit, answers.values["who"].strip(), Permission(answers.values["permission"]), school
        ),
        (
            Field("who", tr("Who"), required=True, hint=tr("The name with which they sign in")),
            Field("permission", tr("Permission"), choices=choices, required=True),
        ),
    )


def _revoke(one: Grant, where: str) -> Form:
    from rosterdesk.directory import governing

    return Form(
        tr("Take a permission away"),
        tr("{who} will no longer have this: {what}, {where}.", who=one.who, what=words(one), where=where),
        tr("Take it away"),
        "revoke a permission",
        lambda edit, _: governing.revoke(edit, one.who, one.permission, one.school),
    )
