"""Receipts: what every run leaves for those who must answer for it, without personal data. Each carries the hash of the
one before, so that a later change, a gap or a cut end shows.

Whatever way a run is made, by hand or by a job, its receipt is written when its transaction is committed.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from rosterdesk import paths
from rosterdesk.errors import FileError
from rosterdesk.log import log

if TYPE_CHECKING:
    from rosterdesk.directory.deliveries import Delivered
    from rosterdesk.directory.history import PastRun

_FIRST = "0" * 64
_TAIL = 1 << 16  # bytes at the end that hold the last receipt, however many there are
_GAP = "The receipt of this run could not be written when it was made."


@dataclass
class Beside:
    """What is told in every receipt of a piece of work beside what its runs say themselves. `written` are the numbers
    of the receipts that it has left, `unwritten` the runs whose receipts the disk did not take.
    """

    facts: dict[str, Any]
    written: list[int] = field(default_factory=list)
    unwritten: list[int] = field(default_factory=list)


_beside: ContextVar[Beside | None] = ContextVar("beside", default=None)


@contextmanager
def beside(**facts: Any) -> Iterator[Beside]:
    """Have these facts told in the receipts that are written meanwhile, beside those of a wider such context."""
    wider = _beside.get()
    told = Beside({**(wider.facts if wider else {}), **facts})
    if wider is not None:
        told.written, told.unwritten = wider.written, wider.unwritten
    token = _beside.set(told)
    try:
        yield told
    finally:
        _beside.reset(token)


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
            with path.open("ab", buffering=0) as out:
                before = out.tell()
                try:
                    _whole(out, line.encode() + b"\n")
                    os.fsync(out.fileno())
                    _point(number, json.loads(line)["hash"])
                except OSError:
                    out.truncate(before)  # half a receipt would look like one that somebody has damaged
                    raise
    except OSError as error:
        raise FileError(
            "The receipt of this run could not be written.",
            "Look whether the disk is full. What the run did stands; the next receipt will show the gap.",
            error.strerror or "",
        ) from error
    return number


def _whole(out: FileIO, content: bytes) -> None:
    """Write all of it: a disk that fills up takes a part first, and refuses only the rest."""
    while content:
        content = content[out.write(content) :]


def _point(number: int, own: str) -> None:
    """Keep which receipt is the last. Written over what is there, as that takes no room of a full disk."""
    with os.fdopen(os.open(_tip(), os.O_WRONLY | os.O_CREAT, 0o600), "wb", buffering=0) as out:
        _whole(out, content := f"{number} {own}\n".encode("ascii"))
        out.truncate(len(content))


def of_run(past: PastRun, where: str, delivered: Delivered | None = None) -> dict[str, Any]:
    """The receipt of a run on the directory at `where`."""
    now = _beside.get()
    facts = {
        "job": past.job,
        "who": past.who,
        "host": socket.gethostname(),
        "directory": where,
        "kind": past.kind.value,
        "started": past.started,
        "finished": past.finished or "",
        "sources": [past.source] if past.kind.value in ("push", "import") else [],
        "outcome": past.state.value,
        "run": past.number,
        "plan": past.digest,
        "changes": _numbers(past.counts),
        "problems": dict(past.problems),
        "undoes": past.undoes,
        "outlet": delivered.outlet if delivered else "",
        "files": [list(file) for file in delivered.files] if delivered else [],
        **({"delta": list(delivered.delta)} if delivered and delivered.delta else {}),
        "why": past.why if past.kind.value == "push" else "",  # else a person wrote it, and may name somebody
    }
    return {**facts, **(now.facts if now else {})}


def leave(where: str, runs: Sequence[PastRun], delivered: Mapping[int, Delivered], missing: Sequence[PastRun]) -> None:
    """Write the receipts of runs that were just committed, and before them of the `missing`: earlier ones, of which the
    disk took none. What it does not take now is written with the next run's, and told in the log meanwhile.
    """
    now = _beside.get()
    try:
        for past in missing:
            append({**of_run(past, where), "late": _GAP})
        for past in runs:
            number = append(of_run(past, where, delivered.get(past.number)))
            if now is not None:
                now.written.append(number)
    except FileError as error:
        log.warning("the receipt of a run could not be written: %s", error.detail)
        if now is not None:
            now.unwritten.extend(past.number for past in runs)


def last_run(where: str) -> int | None:
    """The latest run on the directory at `where` of which there is a receipt."""
    path = file()
    try:
        found = (_parsed(line) for line in _backwards(path)) if path.is_file() else iter(())
        of_it = (one for one in found if one is not None and one.get("directory") == where)
        return next((int(one["run"]) for one in of_it if isinstance(one.get("run"), int)), None)
    except OSError:
        return None


def _numbers(counts: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    told = {name: {what: n for what, n in of.items() if n} for name, of in counts.items() if isinstance(of, dict)}
    return {name: of for name, of in told.items() if of}


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


def latest(job: str) -> Iterator[dict[str, Any]]:
    """The receipts of a job, the newest first; only as many are read as are asked for."""
    path = file()
    if path.is_file():
        for line in _backwards(path):
            found = _parsed(line)
            if found is not None and found.get("job") == job:
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
    last = _tip().read_text("ascii").split() if _tip().exists() else []
    if last and last != [str(number), previous]:
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
    return next((found for line in _backwards(path) if (found := _parsed(line)) is not None), None)


def _backwards(path: Path) -> Iterator[str]:
    """The lines of a file from its end, some at a time."""
    with path.open("rb") as binary:
        end = binary.seek(0, os.SEEK_END)
        rest = b""
        while end:
            start = max(0, end - _TAIL)
            binary.seek(start)
            rest, *lines = (binary.read(end - start) + rest).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in reversed(lines))
            end = start
        yield rest.decode("utf-8", "replace")


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not {"number", "previous", "hash"} <= found.keys():
        return None
    return found if type(found["number"]) is int else None
