"""Letters as a PDF: one a page, or labels on sheets. The words are templates under `resources/letters`, or a folder of
one's own; the same letters always make the same bytes.

The font, DejaVu Sans, has the letters of most scripts; what it lacks (Chinese, Japanese, Korean, the scripts of India
and Ethiopia) is told, for those letters must be written by hand.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosterdesk import paths
from rosterdesk.directory.letters import Letter
from rosterdesk.errors import FileError
from rosterdesk.run import Run

if TYPE_CHECKING:
    from fpdf import FPDF

FALLBACK = "en"
_FONT = "DejaVu"
_PLAIN = 0x2FF  # below it every letter stands for itself
_RTL = {"R", "AL"}
_BOX = "□"
_MARGIN, _WIDTH, _HEIGHT = 72, 612, 792  # points: US Letter
# Sheets of thirty labels, 2 5/8 by 1 inch, in three columns (Avery 5160 and its like).
_LABEL = {"left": 13.5, "top": 36.0, "width": 189.0, "step": 198.0, "height": 72.0, "columns": 3, "rows": 10}
_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)  # the date of the file, which would make each another


class Form(StrEnum):
    """What is printed on."""

    LETTERS = "letters"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Printed:
    """How many letters were written, of how many languages, and which students' names the font can't write."""

    letters: int
    languages: Mapping[str, int]
    unwritten: tuple[Letter, ...]


def print_letters(
    letters: Sequence[Letter],
    target: Path,
    *,
    form: Form = Form.LETTERS,
    language: str = "",
    templates: Path | None = None,
    run: Run | None = None,
) -> Printed:
    """Write the letters to a PDF, whole or not at all. `language` is for all of them; by default the family's, where
    there is a template in it, else English. Raises `FileError` and `Cancelled`.
    """
    run = run or Run()
    texts = read_templates(folder(templates))
    with _begin() as pdf:
        languages = _print(pdf, letters, texts, form, language, run)
        _save(pdf, target)
        unwritten = tuple(one for one in letters if any(not _has(pdf, c) for c in f"{one.student}{one.school}"))
    return Printed(len(letters), languages, unwritten)


def _print(
    pdf: FPDF,
    letters: Sequence[Letter],
    texts: Mapping[str, Mapping[str, Any]],
    form: Form,
    language: str,
    run: Run,
) -> dict[str, int]:
    languages: dict[str, int] = {}
    for at, letter in enumerate(letters):
        if at % 20 == 0:
            run.report("Writing the letters", at, len(letters))
        code = (language or letter.language).lower().split("-")[0].split("_")[0]
        text = texts.get(code) or texts[FALLBACK]
        languages[text["language"]] = languages.get(text["language"], 0) + 1
        filled = {"student": letter.student, "school": letter.school, "code": f"{letter.code[:4]}-{letter.code[4:]}"}
        if form is Form.LETTERS:
            _page(pdf, text["letter"], filled)
        else:
            _label(pdf, text["label"]["lines"], filled, at)
    return languages


def folder(own: Path | None = None) -> Path:
    """The folder of the templates: somebody's own, or those that come with RosterDesk."""
    return own or paths.RESOURCES / "letters"


def read_templates(place: Path) -> dict[str, dict[str, Any]]:
    """The templates of a folder by language. Raises `FileError` that names what is wrong in one."""
    found = {}
    for path in sorted(place.glob("*.toml")):
        try:
            text = tomllib.loads(path.read_text("utf-8"))
            letter, lines = text["letter"], text["label"]["lines"]
            parts = [letter[k] for k in ("title", "greeting", "code", "steps_title", "closing")]
            for part in (*parts, *letter["paragraphs"], *letter["steps"], *lines):
                fill(part, {"student": "", "school": "", "code": ""})
            found[str(text["language"])] = text
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, LookupError, ValueError, TypeError) as error:
            raise FileError(
                f"The letter's template {path.name} can't be used.",
                "Compare it with the ones that come with RosterDesk: every part must be there, and only {student}, "
                "{school} and {code} are filled in.",
                str(error),
            ) from error
    if FALLBACK not in found:
        raise FileError(f"There is no English template in {place.name}.", "Families of other languages get that one.")
    return found


def fill(text: str, values: Mapping[str, str]) -> str:
    """A template's sentence with its places filled. Raises `KeyError` for a place that there is not."""
    return text.format_map(values)


@contextmanager
def _begin() -> Iterator[FPDF]:
    from fpdf import FPDF  # it loads a library for pictures, so only once it is needed

    pdf = FPDF(orientation="portrait", unit="pt", format="letter")
    pdf.set_creation_date(_ALWAYS)
    pdf.set_title("Letters to families")
    pdf.set_producer("RosterDesk")
    for style, name in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font(_FONT, style, paths.RESOURCES / "fonts" / name)
    pdf.set_auto_page_break(False)
    pdf.set_margins(_MARGIN, _MARGIN, _MARGIN)
    try:
        yield pdf
    finally:
        for font in pdf.fonts.values():
            font.ttfont.close()  # type: ignore[union-attr]


def _page(pdf: FPDF, text: Mapping[str, Any], values: Mapping[str, str]) -> None:
    pdf.add_page()
    pdf.set_y(_MARGIN + 36)
    _say(pdf, fill(text["title"], values), 20, bold=True, after=20)
    _say(pdf, fill(text["greeting"], values), 12, bold=True, after=12)
    for paragraph in text["paragraphs"]:
        _say(pdf, fill(paragraph, values), 11, after=14)
    top = pdf.get_y() + 6
    pdf.set_draw_color(120)
    pdf.set_y(top + 14)
    _say(pdf, fill(text["code"], values), 11, align="C", after=4)
    _say(pdf, values["code"], 30, bold=True, align="C", after=14)
    pdf.rect(_MARGIN, top, _WIDTH - 2 * _MARGIN, pdf.get_y() - top)
    pdf.set_y(pdf.get_y() + 22)
    _say(pdf, fill(text["steps_title"], values), 12, bold=True, after=8)
    for number, step in enumerate(text["steps"], 1):
        _say(pdf, f"{number}.  {fill(step, values)}", 11, after=8)
    pdf.set_y(pdf.get_y() + 10)
    _say(pdf, fill(text["closing"], values), 10, after=0)


def _say(pdf: FPDF, words: str, size: float, *, bold: bool = False, align: str = "L", after: float) -> None:
    pdf.set_font(_FONT, "B" if bold else "", size)
    words = _writable(pdf, words)
    pdf.set_text_shaping(_joined(words))
    pdf.set_x(_MARGIN)
    pdf.multi_cell(_WIDTH - 2 * _MARGIN, size * 1.35, words, align=align, new_x="LMARGIN", new_y="NEXT")
    pdf.set_y(pdf.get_y() + after)


def _label(pdf: FPDF, lines: Sequence[str], values: Mapping[str, str], at: int) -> None:
    columns, rows = int(_LABEL["columns"]), int(_LABEL["rows"])
    if at % (columns * rows) == 0:
        pdf.add_page()
    row, column = divmod(at % (columns * rows), columns)
    left, top = _LABEL["left"] + column * _LABEL["step"] + 10, _LABEL["top"] + row * _LABEL["height"] + 12
    for number, line in enumerate(lines):
        words, size = _writable(pdf, fill(line, values)), 10.0
        pdf.set_font(_FONT, "B" if number == 0 else "", size)
        pdf.set_text_shaping(_joined(words))
        while pdf.get_string_width(words) > _LABEL["width"] - 20 and size > 5:
            size -= 0.5
            pdf.set_font_size(size)
        pdf.set_xy(left, top + number * 16)
        pdf.cell(_LABEL["width"] - 20, 14, words)


def _has(pdf: FPDF, letter: str) -> bool:
    return ord(letter) in pdf.fonts[_FONT.lower()].cmap  # type: ignore[union-attr]


def _writable(pdf: FPDF, words: str) -> str:
    """The words with an empty box for each letter that the font lacks; the library would tell them to the log."""
    return "".join(letter if _has(pdf, letter) else _BOX for letter in words)


def _joined(words: str) -> bool:
    """Whether letters join, carry marks, or run from right to left; laying those out takes ten times as long."""
    return any(ord(c) > _PLAIN and (unicodedata.combining(c) or unicodedata.bidirectional(c) in _RTL) for c in words)


def _save(pdf: FPDF, target: Path) -> None:
    draft = target  # until there is one
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
        draft = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(pdf.output())
        draft.replace(target)
    except OSError as error:
        raise FileError(
            f"{target.name} could not be written.", "Look whether the folder can be written to.", error.strerror or ""
        ) from error
    finally:
        if draft != target:
            draft.unlink(missing_ok=True)
