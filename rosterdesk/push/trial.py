"""Tries an SFTP outlet as a delivery would use it, with two small hidden files that are gone again at the end."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from rosterdesk.connections import Connection, Findings, Said, Tested, Verdict
from rosterdesk.errors import UnreachableError
from rosterdesk.net import far
from rosterdesk.net.far import Step
from rosterdesk.net.site import site_of
from rosterdesk.push.placing import MARK
from rosterdesk.run import Run

if TYPE_CHECKING:
    from rosterdesk.net.sftp import Line

_FIRST, _SECOND = ".rosterdesk-test", ".rosterdesk-test-2"
_WORDS = b"RosterDesk tries whether it may write here.\n"


def tried(connection: Connection, run: Run) -> Tested:
    """Sign in, then write a file into the folder, let it take another's place, remove it, and ask how much room there
    is. The first thing that fails is the last sentence. Raises `UsageError` for options that cannot be, `SecretError`.
    """
    from rosterdesk.net.sftp import signed_in

    site, folder = site_of(connection), connection.options.get("folder", "").strip()
    place = folder or "in which the server puts us"
    found = Findings(run)
    try:
        with signed_in(site, run) as line:
            found.add(Verdict.GOOD, f"{site.host} is reached, and {site.user} is signed in.")
            found.add(Verdict.GOOD, _seen(line, folder, place))
            _try(line, folder)
            found.add(Verdict.GOOD, f"The folder {place} takes files, and they can be renamed and replaced.")
            found.take(_replacing(line))
            found.take(_room(line, folder))
    except UnreachableError as error:
        found.add(Verdict.BAD, str(error))
    return Tested(found.said)


def _seen(line: Line, folder: str, place: str) -> str:
    seen = far.entries(line, folder)
    shown = [one for one in seen if not one.name.startswith(".")]
    holds = f"holds {len(shown):,} {'file' if len(shown) == 1 else 'files'} now" if shown else "is empty now"
    earlier = ", and an earlier delivery of RosterDesk" if any(one.name == MARK for one in seen) else ""
    return f"The folder {place} {holds}{earlier}."


def _try(line: Line, folder: str) -> None:
    """Write, rename, put one in the other's place, remove. Whatever happens, neither file is left where it can go."""
    first, second = far.join(folder, _FIRST), far.join(folder, _SECOND)
    what = f"The folder {folder or '.'}"
    try:
        for path in (first, second):
            with far.told(line, path, what, writing=True), line.open(path, "wb") as file:
                file.write(_WORDS)
        # As a delivery does it: in one step where the server can replace, else by making room first.
        ahead = [] if far.can_replace(line) else [Step(second)]
        steps = [*ahead, Step(first, second)]
        for step, error in zip(steps, far.together(line, steps), strict=True):
            if error is not None:
                verb = "remove" if step.to is None else "rename"
                raise UnreachableError(
                    f"{line.site.host} lets {line.site.user} write files, but not {verb} them.",
                    f"Ask the server's owner for that right in {folder or 'the folder'}: the files arrive under hidden "
                    "names first, so that nobody reads half a roster.",
                    str(error),
                )
        there = far.look(line, second)
        if there is None or there.size != len(_WORDS):
            raise UnreachableError(
                f"{line.site.host} took a file, and shows another one.",
                "Ask the server's owner whether something takes or changes files in the folder at once.",
                "no such file" if there is None else f"{there.size} bytes of {len(_WORDS)}",
            )
        with far.told(line, second, what, writing=True):
            line.remove(second)
    except UnreachableError:
        with contextlib.suppress(UnreachableError):  # the first fault is the one to tell
            far.together(line, [Step(first), Step(second)])
        raise


def _replacing(line: Line) -> Said:
    if far.can_replace(line):
        return Said(Verdict.GOOD, "A new set of files takes the place of the earlier one in one step.")
    return Said(
        Verdict.LIMITED,
        "This server replaces files only by moving the earlier ones aside, so for a moment a file can be missing.",
    )


def _room(line: Line, folder: str) -> Said:
    free = far.room(line, folder)
    if free is None:
        return Said(Verdict.LIMITED, "The server does not tell how much room there is; a full disk shows on delivery.")
    amount = f"{free // 1_000_000_000:,} GB" if free >= 10_000_000_000 else f"{free // 1_000_000:,} MB"
    if free < 10_000_000:
        return Said(Verdict.BAD, f"There is room for only {amount}. Ask the server's owner to make room.")
    return Said(Verdict.GOOD, f"There is room for {amount}.")
