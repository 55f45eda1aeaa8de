"""Sentences that both front ends show, in the window's words: an error names an option as the command line knows it
(`--option key_file=FILE`), and what people see here is the title of the field in the form. No widgets.

Where a sentence is shown, it goes through `worded`: it may have been written down long before, by a job at night.
"""

from __future__ import annotations

import re

from rosterdesk.errors import RosterDeskError
from rosterdesk.gui.words import tr

_OPTION = re.compile(r"""--(?:option )?([a-z][a-z_-]+)(?:=("[^"]*"|[^\s,;:)]*[^\s,;:.)]|\.\.\.))?""")
# What has a place in the window, though it is no option of a connection.
_FIELDS = {"key-file": "Key file"}
_COMMANDS = {
    "`rosterdesk history`": "“Recent runs” on Home",
    "`directory permissions`": "“Permissions” in the settings",
    "`rosterdesk map --save`": "“Save the mapping”",
}


def worded(text: str) -> str:
    """The text with the names of fields in place of the command line's options."""
    if "--" not in text and "`" not in text:
        return text
    for command, place in _COMMANDS.items():
        text = text.replace(command, tr(place))
    return _OPTION.sub(_field, text)


def in_words(error: RosterDeskError) -> RosterDeskError:
    """The error in the window's words; the same where it names no option."""
    title, advice = worded(error.title), worded(error.advice)
    unchanged = (title, advice) == (error.title, error.advice)
    return error if unchanged else RosterDeskError(title, advice, error.detail)


def field_titles(key: str) -> frozenset[str]:
    """What the fields of an option are called, in all forms that have it."""
    from rosterdesk.gui.connectkinds import OFFERS

    own = {one.title for offer in OFFERS for one in offer.fields if one.key == key and one.part is None}
    return frozenset(own | ({_FIELDS[key]} if key in _FIELDS else set()))


def _field(found: re.Match[str]) -> str:
    key, said = found[1], (found[2] or "").strip('"')
    if (way := _entrance(key, said)) is not None:
        return tr("“Sign in with”: {way}", way=tr(way))
    title = min(field_titles(key), default="")
    if not title:
        return found[0]
    stands_for = said.isupper() and not _choice(key, said)  # FILE, SECONDS: what is to be filled in
    if not said or stands_for or said == "...":
        return f"“{tr(title)}”"
    return f"“{tr(title)}”: {tr(_choice(key, said) or said)}"


def _entrance(key: str, value: str) -> str | None:
    from rosterdesk.gui.connectkinds import OFFERS

    ways = (way for offer in OFFERS for way in offer.entrances if value and way.options.get(key) == value)
    return next((way.title for way in ways), None)


def _choice(key: str, value: str) -> str:
    """What a value is called in the form's list; nothing where the field is written."""
    from rosterdesk.gui.connectkinds import OFFERS

    asked = (one for offer in OFFERS for one in offer.fields if one.key == key)
    return next((words for one in asked for known, words in one.choices if known == value), "")
