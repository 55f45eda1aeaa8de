"""Draws every page of the window to PNG, without a screen: `python -m tests.shots DIR`. To be looked at by a person.

With QT_SCALE_FACTOR=2 they are drawn as on a screen with twice the pixels. Each part of the program has a file here;
`python -m tests.shots DIR jobs light-100` draws one of them in one look.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import keyring
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from rosterdesk.gui import theme
from tests.conftest import MemoryKeyring
from tests.shots import (
    connections,
    directory,
    edits,
    home,
    jobs,
    locked,
    matches,
    onboarding,
    runs,
    settings,
    wizard,
)
from tests.shots.stage import SIZES, Stage, made_directory

PARTS = (home, directory, edits, settings, jobs, runs, locked, wizard, connections, matches, onboarding)


def main(target: Path, only: Collection[str] = ()) -> None:
    """Draw every page in light and dark, at 100 and 200 % text, into `target`; `only` some parts or looks, if named."""
    names = {part.__name__.rpartition(".")[2]: part for part in PARTS}
    looks = {f"{'dark' if dark else 'light'}-{scale}": (dark, scale) for dark in (False, True) for scale in SIZES}
    target.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    theme.apply(app)
    keyring.set_keyring(MemoryKeyring())
    size = QApplication.font().pointSizeF()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ROSTERDESK_HOME"] = folder
        made = made_directory(Path(folder))
        for suffix in [look for look in looks if look in only] or looks:
            dark, scale = looks[suffix]
            font = QFont(QApplication.font())
            font.setPointSizeF(size * scale / 100)
            QApplication.setFont(font)
            theme.apply(app, dark=dark)
            for part in [names[name] for name in names if name in only] or PARTS:
                stage = Stage(app, Path(folder), made, SIZES[scale])
                for name, widget in part.draw(stage):
                    widget.grab().save(str(target / f"{name}-{suffix}.png"))
                stage.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
