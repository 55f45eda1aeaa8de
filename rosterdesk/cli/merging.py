"""The commands about people who are there twice: list the matches, decide, merge, and take merges back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from rosterdesk import paths
from rosterdesk.cli import options
from rosterdesk.cli.editing import find, pairs
from rosterdesk.cli.output import output
from rosterdesk.directory import ledger, sight
from rosterdesk.directory.comparing import Comparison, Side
from rosterdesk.directory.decisions import Decision, Proposed, decide
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.merging import Merged, Pair, merge_all, preview
from rosterdesk.directory.schema import PEOPLE
from rosterdesk.directory.unmerging import unmerge_all
from rosterdesk.errors import UsageError
from rosterdesk.matching.proposals import Group, Proposal, Proposals, pair_of, propose, ready
from rosterdesk.staging import Staging

_SHOWN = 200  # pairs that a person is shown; --json lists all

Kind = Annotated[str, typer.Option("--kind", help="students, guardians or staff")]
Why = Annotated[str, typer.Option("--why", help="The reason; it stands in the history.", show_default=False)]
Choose = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FIELD=SIDE",
        help="Whose value is taken where both have one: survivor (if not said) or absorbed.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (matches, decide_, merge, unmerge):
        app.command(name=command.__name__.strip("_"))(command)


def matches(
    kind: Kind = "students",
    group: Annotated[Group | None, typer.Option(help="Only this group.", show_default=False)] = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """List the people of the SIS who may be somebody archived or entered by hand, the least certain first."""
    with _directory(where, key_file, unencrypted, acting_as) as directory:
        found = _propose(directory, kind)
    listed = [pair for pair in found.proposals if group in (None, pair.group)]
    output.table(
        ("Group", "SIS ID", "Name", "Here", "Name here", "Sure", "Why", "Decided"),
        (
            (
                *(group, pair.incoming.sis_id, _name(pair.incoming.fields)),
                *(f"#{pair.candidate.record}", _name(pair.candidate.fields), f"{pair.probability:.1%}"),
                *(pair.reason, pair.decision.value if pair.decision else ""),
            )
            for proposal in listed[:_SHOWN]
            for group, pair in ((proposal.group.value, proposal), *(("or", rival) for rival in proposal.rivals))
        ),
        numbers=(5,),
    )
    if len(listed) > _SHOWN:
        output.say(f"... and {len(listed) - _SHOWN:,} more (--json lists all)")
    counts = {each.value: count for each, count in found.counts.items()}
    without = found.incoming - len(found.proposals)
    output.say(
        f"{counts['ready']:,} ready, {counts['likely']:,} likely, {counts['several']:,} with several candidates."
    )
    output.say(f"{without:,} of the SIS have no match. Expected mistakes among the ready: {found.mistakes:.1f}.")
    output.result(
        {
            "kind": kind,
            "incoming": found.incoming,
            "candidates": found.candidates,
            "counts": counts,
            "unmatched": without,
            "expected_mistakes": round(found.mistakes, 2),
            "matches": [_told(pair) for pair in listed],
        }
    )


def decide_(
    sis_id: Annotated[str, typer.Argument(metavar="SIS-ID", help="The person of the SIS.")],
    here: Annotated[str, typer.Argument(metavar="RECORD", help="The archived or manual record: SIS ID, or #number.")],
    decision: Annotated[str, typer.Argument(metavar="same|different|later|forget")],
    choose: Choose = None,
    kind: Kind = "students",
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Say of a match that the two are the same, are different (it is never proposed again), or that you look later."""
    known = {**{each.value: each for each in Decision}, "forget": None}
    if decision not in known:
        raise UsageError(f"{decision} is no decision.", f"Say {', '.join(known)}.")
    choices = _choices(choose)
    if choices and decision != Decision.SAME:
        raise UsageError("A side is chosen for two that are the same.", "Leave --choose away, or say same.")
    with _directory(where, key_file, unencrypted, acting_as) as directory:
        with directory.read(output.run) as conn:
            candidate = _number(conn, directory, kind, here)
        pair = Proposed(kind, sis_id, candidate)
        decide(directory, {pair: known[decision]}, choices={pair: choices}, acting_as=acting_as, run=output.run)
    output.say("It is remembered.")
    output.result({"kind": kind, "incoming": sis_id, "candidate": candidate, "decision": decision})


def merge(
    survivor: Annotated[str | None, typer.Argument(help="The record that stays: SIS ID, or #number.")] = None,
    absorbed: Annotated[str | None, typer.Argument(help="The record that it takes in.")] = None,
    why: Why = "",
    all_ready: Annotated[bool, typer.Option("--ready", help="Merge all that are ready or decided the same.")] = False,
    only_look: Annotated[bool, typer.Option("--preview", help="Tell what would be done; change nothing.")] = False,
    choose: Choose = None,
    kind: Kind = "students",
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Merge two records of one person: guardians, join code, attributes and manual classrooms move to the one of the
    SIS. It can be taken back at any time."""
    if all_ready == (survivor is not None) or (survivor is None) != (absorbed is None):
        raise UsageError("Name the two records, or --ready.", "`rosterdesk matches` lists who may be one person.")
    choices = _choices(choose)
    with _directory(where, key_file, unencrypted, acting_as) as directory:
        if all_ready:
            found = [pair_of(pair) for pair in ready(_propose(directory, kind))]
        else:
            with directory.read(output.run) as conn:
                two = [_number(conn, directory, kind, name) for name in (survivor or "", absorbed or "")]
            found = [Pair(kind, two[0], two[1], choices)]
        if only_look:
            _look(directory, found)
            return
        done = merge_all(directory, found, why or "matched", acting_as=acting_as, run=output.run)
    _tell(done)


def unmerge(
    records: Annotated[
        list[str] | None, typer.Argument(metavar="RECORD...", help="The records that were taken in.")
    ] = None,
    why: Why = "",
    listed: Annotated[bool, typer.Option("--list", help="List the merges that stand.")] = False,
    leave: Annotated[list[str] | None, typer.Option(help="A field that keeps its value.", show_default=False)] = None,
    kind: Kind = "students",
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Take merges back: what moved returns; what was changed since stays, and is told."""
    if listed == bool(records):
        raise UsageError("Name the records that were taken in, or --list.", "`rosterdesk unmerge --list` lists them.")
    with _directory(where, key_file, unencrypted, acting_as) as directory:
        if listed:
            _list(directory, _kind(kind))
            return
        with directory.read(output.run) as conn:
            numbers = [_number(conn, directory, kind, name) for name in records or ()]
        done = unmerge_all(directory, numbers, why or "not one", leave=leave or (), acting_as=acting_as, run=output.run)
    for one in done.unmerged:
        output.say(f"#{one.absorbed} and #{one.survivor} are two again: {len(one.returned):,} things returned.")
        if one.left:
            output.say(f"  Left as they are, because they were changed since: {', '.join(one.left)}")
        if not one.known:
            output.say("  What had moved is not known: the merge came with an import.")
    output.say(f"Done as run {done.run}.")
    parts = ("absorbed", "survivor", "returned", "left", "known")
    told = [{part: getattr(one, part) for part in parts} for one in done.unmerged]
    output.result({"run": done.run, "unmerged": told})


def _directory(where: str | None, key_file: Path | None, unencrypted: bool, acting_as: str | None) -> Directory:
    return options.directory(where, key_file, unencrypted, output.run, create=False, acting_as=acting_as)


def _propose(directory: Directory, kind: str) -> Proposals:
    with paths.scratch() as folder, Staging(output.run, folder) as staging:
        return propose(directory, staging, output.run, _kind(kind))


def _kind(kind: str) -> str:
    if kind not in PEOPLE:
        raise UsageError(f"{kind} is no kind of person.", f"Name {', '.join(PEOPLE)}.")
    return kind


def _number(conn: sa.Connection, directory: Directory, kind: str, name: str) -> int:
    return find(conn, directory.district, sight.viewer(conn, directory.district), _kind(kind), name)


def _choices(choose: list[str] | None) -> dict[str, Side]:
    return {field: _side(field, side) for field, side in pairs(choose or ()).items()}


def _side(field: str, side: str | None) -> Side:
    if side not in list(Side):
        raise UsageError(f"{field} has no side {side or ''}.", "Say survivor or absorbed.")
    return Side(side)


def _name(fields: Any) -> str:
    return " ".join(fields[name] for name in ("given_name", "family_name") if name in fields)


def _told(pair: Proposal) -> dict[str, Any]:
    return {
        "incoming_id": pair.incoming.sis_id,
        "candidate": pair.candidate.record,
        "candidate_id": pair.candidate.sis_id,
        "group": pair.group.value,
        "probability": round(pair.probability, 6),
        "reason": pair.reason,
        "decision": pair.decision.value if pair.decision else None,
        "choices": dict(pair.choices),
        "rivals": [_told(rival) for rival in pair.rivals],
    }


def _look(directory: Directory, found: list[Pair]) -> None:
    """Tell what merging would do, pair by pair."""
    told = []
    with directory.read(output.run) as conn:
        for pair in found:
            made: Comparison = preview(conn, directory.district, pair)
            output.say(f"#{pair.absorbed} into #{pair.survivor}: {' '.join(made.sentences) or 'Nothing moves.'}")
            for conflict in made.conflicts:
                output.say(f"  {conflict.field}: {conflict.survivor} | {conflict.absorbed}, kept: {conflict.chosen}")
            names = ("field", "survivor", "absorbed", "chosen", "sis")
            conflicts = [{name: getattr(c, name) for name in names} for c in made.conflicts]
            two = {"survivor": pair.survivor, "absorbed": pair.absorbed}
            told.append({**two, "sentences": made.sentences, "conflicts": conflicts})
    output.result({"run": None, "previews": told})


def _tell(done: Merged) -> None:
    if done.run is None:
        output.say("Nothing was merged.")
    else:
        output.say(f"Merged {len(done.merged):,} as run {done.run}. To take all back: rosterdesk undo {done.run}")
    for refused in done.refused:
        output.say(f"#{refused.pair.absorbed} was not merged into #{refused.pair.survivor}: {refused.why}")
    output.result(
        {
            "run": done.run,
            "merged": [{"survivor": pair.survivor, "absorbed": pair.absorbed} for pair in done.merged],
            "refused": [{"survivor": r.pair.survivor, "absorbed": r.pair.absorbed, "why": r.why} for r in done.refused],
        }
    )
    if done.refused and not done.merged:
        raise typer.Exit(UsageError.exit_code)


def _list(directory: Directory, kind: str) -> None:
    with directory.read(output.run) as conn:
        merges = ledger.list_merges(conn, directory.district, entity=kind)
        numbers = [number for made in merges for number in (made.absorbed, made.survivor)]
        names = {}
        for at in range(0, len(numbers), 500):
            names.update(ledger.names(conn, directory.district, kind, numbers[at : at + 500]))
    output.table(
        ("Taken in", "Name", "By", "Name", "Run"),
        (
            (f"#{m.absorbed}", names.get(m.absorbed), f"#{m.survivor}", names.get(m.survivor), str(m.run))
            for m in merges[:_SHOWN]
        ),
    )
    output.say(f"{len(merges):,} merges stand.")
    told = [{"absorbed": m.absorbed, "survivor": m.survivor, "run": m.run} for m in merges]
    output.result({"kind": kind, "merges": told})
