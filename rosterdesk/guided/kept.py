"""The answers of a switch to a SIS, kept from one day to the next: a line for each directory in the user's folder.

What was done stands in the directory itself. Here are paths, IDs of schools and numbers of records, nobody's data.
Such numbers mean something in one directory only, so the answers hold for the one of which they carry the mark
(`onboarding.mark`), not for another that is made in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rosterdesk import connections, paths
from rosterdesk.guided import Answers, Stage
from rosterdesk.log import log


def keep(where: str, mark: str, answers: Answers, at: Stage) -> None:
    """Keep the answers of the directory `where` of that mark, and the step at which its person is, in place of those of
    any other that was there. That it can't be done is no reason to stop.
    """
    said = {
        "mark": mark,
        "at": at.value,
        "sources": [str(path if connections.named(path) else path.absolute()) for path in answers.sources],
        "passed": sorted(answers.passed),
        "ids": _texts(answers.ids),
        "rooms": answers.rooms,
        "adopted": _texts(answers.adopted),
        "keep_titles": answers.keep_titles,
        "archived": _texts(answers.archived),
    }
    _write({**_read(), where: said})


def kept(where: str, mark: str) -> Answers:
    """The answers that were kept for the directory; those of a new start, where there are none, or another's."""
    try:
        said = _of(where, mark)
        return Answers(
            sources=tuple(Path(name) for name in said["sources"]),
            passed=frozenset(Stage(name) for name in said["passed"]),
            ids={int(number): str(text) for number, text in said["ids"].items()},
            rooms=str(said["rooms"]),
            adopted={int(number): bool(tick) for number, tick in said["adopted"].items()},
            keep_titles=bool(said["keep_titles"]),
            archived={int(number): bool(tick) for number, tick in said["archived"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return Answers()


def at(where: str, mark: str) -> Stage | None:
    """The step at which the person stopped; None when no switch is under way, or nobody wants to be reminded."""
    try:
        return Stage(_of(where, mark)["at"])
    except (KeyError, TypeError, ValueError):
        return None


def mute(where: str) -> None:
    """The person wants no reminder; what was answered stays, and the next answer begins it anew."""
    said = _read()
    if isinstance(one := said.get(where), dict):
        _write({**said, where: {**one, "at": None}})


def forget(where: str) -> None:
    """The switch is done."""
    said = _read()
    if said.pop(where, None) is not None:
        _write(said)


def missing(answers: Answers) -> tuple[Path, ...]:
    """The files of the SIS that are no longer there."""
    return tuple(path for path in answers.sources if not connections.named(path) and not path.exists())


def _texts(numbered: Mapping[int, Any]) -> dict[str, Any]:
    return {str(number): value for number, value in numbered.items()}


def _of(where: str, mark: str) -> dict[str, Any]:
    """What was kept for the directory of that mark. Raises `KeyError` when there is nothing, `TypeError` for damage."""
    said: dict[str, Any] = _read()[where]
    if not mark or said["mark"] != mark:  # without a mark it has no run yet, and nobody can have answered anything
        raise KeyError(where)
    return said


def _read() -> dict[str, Any]:
    try:
        said = json.loads(_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _write(said: Mapping[str, Any]) -> None:
    new = _file().with_name(f"{_file().name}.part")
    try:
        new.write_text(json.dumps(said), "utf-8")
        new.replace(_file())
    except OSError as error:
        log.warning("the answers of the switch were not kept: %s", type(error).__name__)


def _file() -> Path:
    return paths.home() / "switch.json"
