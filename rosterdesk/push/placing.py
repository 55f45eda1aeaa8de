"""Lets files that have arrived under hidden names at an SFTP server take their places, all of them or none.

All steps go in one packet, so that a line that breaks has brought all of them or none; what is replaced keeps a second,
hidden name until all is done, so that a step which the server refuses is followed by taking the others back. A server
that ends between two steps itself (OpenSSH's does when it can't write an answer) leaves some of each, as the protocol
has no step for several files. So the file that a receiver waits for is the last, and the next delivery mends the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from rosterdesk.errors import UnreachableError
from rosterdesk.net import far
from rosterdesk.net.far import Entry, Step, join

if TYPE_CHECKING:
    from rosterdesk.net.sftp import Line

MARK = ".rosterdesk"
PART = ".rosterdesk-part"
OLD = ".rosterdesk-old"
_LONGEST = 1 << 20  # bytes of a mark


class Arrived(Protocol):
    """A file that lies at the far end under the name `part`, and is to be called `name`."""

    @property
    def name(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def size(self) -> int: ...


def place(line: Line, folder: str, arrived: Sequence[Arrived], seen: Mapping[str, Entry]) -> None:
    """Give all their names, in order; what an earlier delivery brought and this one doesn't goes before the last.

    Raises `UnreachableError` when a step is refused: the folder is then as it was; `LineCut` when the line breaks: all
    steps were taken, or none, or as many as a server that ended with it had time for.
    """
    stale = [name for name in ours(line, folder, seen) if name not in {one.name for one in arrived} and name in seen]
    going = [*stale, *(one.name for one in arrived if one.name in seen)]
    keeping = far.can_replace(line)
    old = {name: join(folder, f".{name}{OLD}") for name in going}
    ahead = [Step(old[name]) for name in going if f".{name}{OLD}" in seen]
    if keeping:
        ahead += [Step(join(folder, name), old[name], copy=True) for name in going]
    far_said = far.together(line, ahead) if ahead else []
    for step, error in zip(ahead, far_said, strict=True):
        if error is not None and step.copy:
            far.together(line, [Step(path) for path in old.values()])
            raise _refused(line, step.path, error)
    steps = _steps(folder, arrived, stale, old, keeping=keeping)
    said = far.together(line, steps)
    # What was taken up again may have been done by the packet that came before the line broke.
    failed = next(((s, e) for s, e in zip(steps, said, strict=True) if e is not None and not _done(line, s, e)), None)
    if failed is not None:
        _take_back(line, folder, arrived, steps, said, old)
        step, error = failed
        aside = step.to is None or step.to.endswith(OLD)
        raise _refused(line, step.path if aside else str(step.to), error)
    _clean(line, folder, (*seen, *(f".{name}{OLD}" for name in old)))


def placed(line: Line, folder: str, arrived: Sequence[Arrived], seen: Mapping[str, Entry]) -> bool:
    """Whether, after a line that broke, all have their names already."""
    done = all(one.part not in seen and one.name in seen and seen[one.name].size == one.size for one in arrived)
    if done:
        _clean(line, folder, seen)
    return done


def _clean(line: Line, folder: str, names: Iterable[str]) -> None:
    """Remove the second names, also those that a broken delivery has left."""
    left = sorted({name for name in names if name.startswith(".") and name.endswith(OLD)})
    far.together(line, [Step(join(folder, name)) for name in left])


def marked(names: Sequence[str]) -> bytes:
    """What is in the mark: the names of the files that are ours."""
    title = "RosterDesk wrote these files and replaces them. Other files in this folder are left alone."
    return "\n".join((title, *names, "")).encode()


def listed(sums: Iterable[tuple[str, str]]) -> str:
    """What is in a trigger file of its own: the SHA-256 and the name of each file that was delivered."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sums)


def ours(line: Line, folder: str, seen: Mapping[str, Entry]) -> list[str]:
    """The names of the files in the folder that the mark says are ours, in the order in which they were delivered."""
    if MARK not in seen or seen[MARK].size > _LONGEST:
        return []
    path = join(folder, MARK)
    with far.told(line, path, path), line.open(path, "rb") as file:
        names = file.read(_LONGEST).decode("utf-8", "replace").splitlines()[1:]
    return [name for name in names if name and "/" not in name and not name.startswith(".")]


def _steps(
    folder: str, arrived: Sequence[Arrived], stale: Sequence[str], old: Mapping[str, str], *, keeping: bool
) -> list[Step]:
    steps = [Step(join(folder, name), None if keeping else old[name]) for name in stale]
    for one in arrived:
        if not keeping and one.name in old:
            steps.append(Step(join(folder, one.name), old[one.name]))
        steps.append(Step(join(folder, one.part), join(folder, one.name)))
    return steps


def _done(line: Line, step: Step, error: OSError) -> bool:
    return (
        isinstance(error, FileNotFoundError)
        and far.look(line, step.path) is None
        and (step.to is None or far.look(line, step.to) is not None)
    )


def _take_back(
    line: Line,
    folder: str,
    arrived: Sequence[Arrived],
    steps: Sequence[Step],
    said: Sequence[OSError | None],
    old: Mapping[str, str],
) -> None:
    """Undo the steps that were taken, the last first, and remove what has arrived."""
    back = []
    for step, error in reversed(list(zip(steps, said, strict=True))):
        if error is not None:
            continue
        name = (step.to or step.path).rpartition("/")[2]
        if step.to is None:
            back.append(Step(old[name], step.path))
        elif name.endswith(OLD):
            back.append(Step(step.to, step.path))
        else:
            back.append(Step(old[name], step.to) if name in old and far.can_replace(line) else Step(step.to))
    back += [Step(join(folder, one.part)) for one in arrived]
    back += [Step(path) for path in old.values()] if far.can_replace(line) else []
    far.together(line, back)


def _refused(line: Line, path: str, error: OSError) -> UnreachableError:
    name = path.rpartition("/")[2]
    return UnreachableError(
        f"{line.site.host} does not let {line.site.user} replace {name}.",
        "The files there are as they were. It may belong to somebody else: ask the server's owner.",
        str(error),
    )
