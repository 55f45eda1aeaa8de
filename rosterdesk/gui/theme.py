"""Spacing, colours, fonts and icons: everything about looks that more than one widget must agree on."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass
from string import Template
from weakref import WeakSet

import shiboken6
from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QStyleFactory

from rosterdesk import paths

TIGHT, INSIDE, BETWEEN, AROUND = 4, 8, 16, 24
CORNER = 6
ROW = 28  # the height of a table's row at 100 %

_SIZES = {"body": 1.0, "table": 0.95, "section": 1.22, "title": 1.55}
_MARK = 14  # of a check box or radio button, at 100 %
_ARROW = 12  # of what opens a list
_ICON_SIZES = (16, 20, 24, 32, 48)
_SCALES = (1, 2)
# The buttons whose pictures follow light and dark. To ask Qt for all widgets would make Python hold each of them, and
# sweep some away meanwhile.
_pictured: WeakSet[QAbstractButton] = WeakSet()


@dataclass(frozen=True, slots=True)
class Colours:
    """One scheme. Text on `window`, `base` and the soft grounds has a contrast of at least 4.5, marks of 3."""

    window: str
    base: str
    text: str
    quiet: str  # text that may be overlooked
    line: str  # between things
    edge: str  # around things that can be used
    accent: str
    on_accent: str
    soft: str  # the accent's ground: what is chosen
    added: str
    changed: str
    removed: str
    kept: str
    added_ground: str
    changed_ground: str
    removed_ground: str


LIGHT = Colours(
    *("#f6f7f8", "#ffffff", "#1d2126", "#5b636e", "#dfe2e6", "#868e99"),
    *("#1a5fb4", "#ffffff", "#dfeafa"),
    *("#1a5fb4", "#8a5a00", "#b3360b", "#5b636e"),
    *("#e8f0fb", "#fdf3dc", "#fdebe4"),
)
DARK = Colours(
    *("#1d2024", "#24282d", "#e8eaed", "#a4acb7", "#383d44", "#79828d"),
    *("#78aeff", "#10233d", "#2b3f5c"),
    *("#78aeff", "#e8b64c", "#ff9470", "#a4acb7"),
    *("#26364c", "#40361d", "#472c22"),
)


def is_dark() -> bool:
    """Whether the window is dark now."""
    return QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128


def colours() -> Colours:
    """The scheme that holds now."""
    return DARK if is_dark() else LIGHT


def colour(name: str) -> QColor:
    """One colour of the scheme that holds now: `added`, `quiet` ..."""
    return QColor(getattr(colours(), name))


def apply(app: QApplication, *, dark: bool | None = None) -> None:
    """Dress the program. Light or dark follows the system, now and whenever it changes, unless `dark` says which."""
    scheme = app.styleHints().colorScheme()
    _dress(app, scheme if dark is None else Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light, dark is None)
    if dark is None and not app.property("follows"):
        app.setProperty("follows", True)
        app.styleHints().colorSchemeChanged.connect(lambda scheme: _dress(app, scheme, True))


def _dress(app: QApplication, scheme: Qt.ColorScheme, of_system: bool) -> None:
    # Windows and macOS have looks of their own; elsewhere Qt's neutral style, in our colours, is the calmest.
    if sys.platform not in {"win32", "darwin"} or not of_system:
        if not app.property("fusion"):  # once: another style in its place leaves widgets with the one that is gone
            app.setProperty("fusion", True)
            app.setStyle(QStyleFactory.create("Fusion"))
        app.setPalette(_palette(DARK if scheme == Qt.ColorScheme.Dark else LIGHT))
    app.setStyleSheet(_style_sheet())
    for button in list(_pictured):
        if shiboken6.isValid(button):
            button.setIcon(icon(*button.property("picture")))


def font(size: str = "body", *, bold: bool = False) -> QFont:
    """The system's font as `body`, `table`, `section` or `title`."""
    found = QFont(QApplication.font())
    found.setPointSizeF(found.pointSizeF() * _SIZES[size])
    if bold:
        found.setWeight(QFont.Weight.DemiBold)
    return found


def fixed_font() -> QFont:
    """The system's fixed font in the size of tables: for IDs."""
    found = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    found.setPointSizeF(QApplication.font().pointSizeF() * _SIZES["table"])
    return found


def scaled(pixels: int) -> int:
    """A length that grows with the person's text: so many pixels at 100 % (13-pixel text)."""
    return round(pixels * max(1.0, QFontMetricsF(QApplication.font()).height() / 16))


def icon(name: str, tone: str = "kept") -> QIcon:
    """A picture of `resources/icons` in one of the scheme's colours."""
    return _icon(name, getattr(colours(), tone), colours().on_accent)


def set_icon(button: QAbstractButton, name: str, tone: str = "kept") -> None:
    """Give a button a picture that follows light and dark."""
    button.setProperty("picture", [name, tone])
    _pictured.add(button)
    button.setIcon(icon(name, tone))


def app_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(paths.RESOURCES / "icons" / "rosterdesk.svg"))


def pixmap(name: str, size: int, tone: str = "kept") -> QPixmap:
    """The same as a picture of a given size, sharp on this screen."""
    return _drawn(name, getattr(colours(), tone), size, QGuiApplication.primaryScreen().devicePixelRatio())


@functools.cache
def _icon(name: str, tint: str, chosen: str) -> QIcon:
    made = QIcon()
    for size in _ICON_SIZES:
        for scale in _SCALES:
            made.addPixmap(_drawn(name, tint, size, scale))
    return made


def _drawn(name: str, tint: str, size: int, ratio: float) -> QPixmap:
    svg = (paths.RESOURCES / "icons" / f"{name}.svg").read_text("utf-8").replace("currentColor", tint)
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(picture.rect()))
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def _palette(scheme: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for where, value in {
        role.Window: scheme.window,
        role.WindowText: scheme.text,
        role.Base: scheme.base,
        role.AlternateBase: scheme.window,
        role.Text: scheme.text,
        role.PlaceholderText: scheme.quiet,
        role.Button: scheme.base,
        role.ButtonText: scheme.text,
        role.BrightText: scheme.on_accent,
        role.Highlight: scheme.accent,
        role.HighlightedText: scheme.on_accent,
        role.Accent: scheme.accent,
        role.Link: scheme.accent,
        role.LinkVisited: scheme.accent,
        role.ToolTipBase: scheme.base,
        role.ToolTipText: scheme.text,
        role.Light: scheme.base,
        role.Midlight: scheme.line,
        role.Mid: scheme.line,
        role.Dark: scheme.edge,
        role.Shadow: scheme.line,
    }.items():
        palette.setColor(where, QColor(value))
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, QColor(scheme.edge))
    return palette


def _style_sheet() -> str:
    scheme = colours()
    text = (paths.RESOURCES / "styles" / "window.qss").read_text("utf-8")
    icons = (paths.RESOURCES / "icons").as_posix()
    sizes = {f"{name}_size": f"{QApplication.font().pointSizeF() * size:.2f}pt" for name, size in _SIZES.items()}
    mark = scaled(_MARK)
    marks = {"mark": f"{mark}px", "round": f"{mark // 2 + 1}px", "arrow": f"{scaled(_ARROW)}px"}
    marks["inner"] = f"{mark - 2}px"  # of a mark with the keyboard on it, whose edge is twice as wide
    tick = "dark" if is_dark() else "light"
    names = {name: getattr(scheme, name) for name in Colours.__slots__}
    return Template(text).substitute(names, icons=icons, corner=f"{CORNER}px", tick=tick, **sizes, **marks)
