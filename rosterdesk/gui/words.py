"""How the window says things: translation, counts, numbers and times as the person's locale writes them."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

_CONTEXT = "RosterDesk"


def tr(text: str, /, **values: object) -> str:
    """A sentence in the person's language, its {places} filled; whole numbers get separators."""
    translated = QCoreApplication.translate(_CONTEXT, text)
    return translated.format(**{name: _shown(value) for name, value in values.items()}) if values else translated


def counted(count: int, one: str, many: str, /, **values: object) -> str:
    """The sentence for one or for many; {n} in it is the count. `counted(3, "{n} school", "{n} schools")`."""
    # Without a translation Qt returns the text it was given, so the English form is chosen here.
    translated = QCoreApplication.translate(_CONTEXT, one if count == 1 else many, None, count)
    return translated.format(n=number(count), **{name: _shown(value) for name, value in values.items()})


def number(value: int) -> str:
    """A whole number with the locale's separators."""
    return _locale().toString(value)


def when(iso: str) -> str:
    """A time of the history (ISO 8601, UTC) as a short local date and time: "5/14/26 3:04 AM"."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return _locale().toString(QDateTime.fromSecsSinceEpoch(int(moment.timestamp())), QLocale.FormatType.ShortFormat)


def day(moment: datetime) -> str:
    """A day without its year: "May 14"."""
    return _locale().toString(QDateTime.fromSecsSinceEpoch(int(moment.timestamp())), "MMM d")


def date(moment: datetime) -> str:
    """A day with its year, as it is typed: "5/14/2026"."""
    return _locale().toString(QDateTime.fromSecsSinceEpoch(int(moment.timestamp())), date_format())


def date_format() -> str:
    """How a date is typed, as Qt writes it: "M/d/yyyy"."""
    short = _locale().dateFormat(QLocale.FormatType.ShortFormat)
    return short if "yyyy" in short else short.replace("yy", "yyyy")


def language(code: str) -> str:
    """What a language code of the roster stands for: "Yoruba"; the code itself where Qt does not know it."""
    known = QLocale.codeToLanguage(code.split("-", maxsplit=1)[0])
    return code if known == QLocale.Language.AnyLanguage else QLocale.languageToString(known)


def _locale() -> QLocale:
    # A system without a language speaks "C", whose numbers and dates nobody reads with ease.
    found = QLocale()
    return found if found.language() != QLocale.Language.C else QLocale(QLocale.Language.English)


def _shown(value: object) -> object:
    return number(value) if isinstance(value, int) and not isinstance(value, bool) else value
