"""Receipts: what every run leaves for those who must answer for it, without personal data. Each carries the hash of the
one before, so that a later change, a gap or a cut end shows.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock

from rosterdesk import paths
from rosterdesk.errors import FileError

_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong in the chain: at which receipt (counted from 1), and what, as a sentence."""

    number: int
    sentence: str


def file() -> Path:
    """The file that holds this user's receipts, one JSON object a line."""
    return paths.home() / "receipts.jsonl"


def append(facts: Mapping[str, Any]) -> int:
    """Write one more receipt; return its number. It is on the disk when this returns.

    A last line that a crash cut is set aside first, and the chain goes on from the last whole one; `verify` tells of
    it. Raises `FileError` when the disk refuses.
    """
    path = file()
    try:
        with FileLock(f"{path}.lock"):
            last = _last(path)
            number, previous = (int(last["number"]) + 1, str(last["hash"])) if last else (1, _FIRST)
            line = sealed({"number": number, "previous": previous, **facts})
            with path.open("ab") as out:
                out.write(line.encode() + b"\n")
                out.flush()
                os.fsync(out.fileno())
            _tip().write_text(f"{number} {json.loads(line)['hash']}\n", encoding="ascii")
    except OSError as error:
        raise FileError(
            "The receipt of this run could not be written.",
            "Look whether the disk is full. What the run did stands; the next receipt will show the gap.",
            error.strerror or "",
        ) from error
    return number


def sealed(facts: Mapping[str, Any]) -> str:
    """The line of a receipt: its facts and their hash."""
    body = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return json.dumps({**facts, "hash": hashlib.sha256(body.encode()).hexdigest()}, ensure_ascii=False, sort_keys=True)


def receipts() -> Iterator[dict[str, Any]]:
    """All receipts that can be read, the oldest first."""
    for line in _lines(file()):
        found = _parsed(line)
        if found is not None:
            yield found


def verify() -> tuple[int, list[Fault]]:
    """How many receipts there are, and everything that is wrong with their chain."""
    faults: list[Fault] = []
    previous, number = _FIRST, 0
    for place, line in enumerate(_lines(file()), start=1):
        found = _parsed(line)
        if found is None:
            faults.append(Fault(place, "This receipt is damaged or was cut off."))
            continue
        body = {key: value for key, value in found.items() if key != "hash"}
        if json.loads(sealed(body))["hash"] != found.get("hash"):
            faults.append(Fault(place, "This receipt was changed after it was written."))
        elif found.get("previous") != previous or found.get("number") != number + 1:
            faults.append(Fault(place, "One or more receipts before this one are missing or were changed."))
        previous, number = str(found.get("hash")), int(found.get("number", number + 1))
    if _tip().exists() and _tip().read_text("ascii").split() != [str(number), previous]:
        faults.append(Fault(number + 1, "Receipts at the end are missing."))
    return number, faults


def _tip() -> Path:
    return file().with_suffix(".last")


def _lines(path: Path) -> Iterator[str]:
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from (line.rstrip("\n") for line in lines)


def _last(path: Path) -> dict[str, Any] | None:
    """The last whole receipt; a cut line after it is ended, so that the next one stands on a line of its own."""
    if not path.exists():
        return None
    with path.open("rb+") as binary:
        if binary.seek(0, os.SEEK_END):
            binary.seek(-1, os.SEEK_END)
            if binary.read(1) != b"\n":
                binary.write(b"\n")
    last = None
    for line in _lines(path):
        last = _parsed(line) or last
    return last


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not {"number", "previous", "hash"} <= found.keys():
        return None
    return found if type(found["number"]) is int else None
