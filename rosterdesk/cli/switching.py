"""The commands of the guided way from a school entered by hand to its SIS: how far it is, and its first steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from rosterdesk import pipeline
from rosterdesk.cli import options
from rosterdesk.cli.editing import find, pairs
from rosterdesk.cli.output import output
from rosterdesk.directory import sight
from rosterdesk.errors import UsageError

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory
    from rosterdesk.directory.onboarding import Step
    from rosterdesk.guided.schools import Suggestion

_SHOWN = 20  # leavers that a person is shown; --json lists more
_LISTED = 1000
_OFFERED = 3  # schools of the SIS that are shown for one of ours to which none is likely

ByHand = Literal["students", "classrooms"]
Why = Annotated[str, typer.Option("--why", help="The reason; it stands in the history.", show_default=False)]

_guide = typer.Typer(help="The way from a school entered by hand to its SIS, step by step.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.add_typer(_guide, name="onboard")


@_guide.command()
def status(
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Tell how far you are, and the command that comes next. You may go on on another day.

    Students of before who are in no match have probably left: they are listed, and keep nothing waiting.
    """
    with options.directory(where, key_file, unencrypted, output.run, create=False, acting_as=acting_as) as directory:
        found, leavers = _look(directory)
    coming = next((step for step in found if not step.done), None)
    output.table(("Step", "", "What"), ((step.name, "done" if step.done else "", step.sentence) for step in found))
    if leavers:
        output.table(
            ("Not in the SIS", "Name", "School"), ((f"#{n}", name, school) for n, name, school in leavers[:_SHOWN])
        )
    if len(leavers) > _SHOWN:
        output.say(f"... and {len(leavers) - _SHOWN:,} more (--json lists them, up to {_LISTED:,})")
    output.say(
        f"Next: {coming.command}" if coming is not None else "All is done. Look the result over in the directory."
    )
    names = ("name", "done", "left", "sentence", "command")
    told = [{name: getattr(step, name) for name in names} for step in found]
    output.result(
        {
            "next": coming.name if coming is not None else None,
            "steps": told,
            "leavers": [{"record": n, "name": name, "school": school} for n, name, school in leavers],
        }
    )


@_guide.command()
def schools(
    sources: options.Sources,
    these: Annotated[
        list[str] | None,
        typer.Option("--school", metavar="#NUMBER=SIS-ID", help="Give this one its SIS ID; may be repeated."),
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Give all whose name is the same their SIS IDs.")] = False,
    mapping: options.MappingFile = None,
    preset: options.Preset = None,
    why: Why = "before the first run of the SIS",
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Tell which school without an SIS ID is which of a source, by like names, and give those that you choose theirs.

    Without --exact and --school nothing is changed. Both may be said: what you name yourself comes first.
    """
    from rosterdesk.directory import onboarding
    from rosterdesk.directory.edit import editing
    from rosterdesk.guided.schools import of_source, suggest

    run, chosen = output.run, options.mapping(mapping, preset)
    number, given = None, {}
    with (
        pipeline.roster(sources, run, chosen=chosen, preset=preset, remembered=options.remembered()) as roster,
        options.directory(where, key_file, unencrypted, run, create=False, acting_as=acting_as) as directory,
    ):
        theirs = of_source(roster)
        with directory.read(run) as conn:
            places = onboarding.standing(conn, directory.district).places
            viewer = sight.viewer(conn, directory.district)
            named = {
                find(conn, directory.district, viewer, "schools", name): id_ for name, id_ in pairs(these or ()).items()
            }
        taken = {place.sis_id for place in places}
        free = {sis_id: name for sis_id, name in theirs.items() if sis_id not in taken}
        found = suggest({place.number: place.name for place in places if place.sis_id is None}, free)
        if exact:
            given = {school: offers[0].sis_id for school, offers in found.items() if offers and offers[0].exact}
        given |= {school: sis_id for school, sis_id in named.items() if sis_id}
        if len(set(given.values())) < len(given):
            raise UsageError("Two schools can't have the same SIS ID.", "Nothing was changed.")
        if given:
            with editing(directory, "connecting schools with the SIS", why, run=run) as edit:
                onboarding.connect(edit, given)
            number = edit.run
    names = {place.number: place.name for place in places}
    output.table(
        ("Here", "Name here", "SIS ID", "Name", "How like"),
        (
            (f"#{school}", names[school], one.sis_id, one.name, _likeness(one))
            for school, offers in found.items()
            for one in _worth_a_look(offers)
        ),
    )
    unknown = sorted(set(given.values()) - set(theirs))
    if unknown:
        output.say(f"Not in this source: {', '.join(unknown)}. Look whether this is what you meant.")
    if number is not None:
        output.say(
            f"{len(given):,} schools have their SIS IDs, as run {number}. To take it back: rosterdesk undo {number}"
        )
    output.result(
        {
            "run": number,
            "given": [{"school": school, "sis_id": sis_id} for school, sis_id in given.items()],
            "unknown": unknown,
            "schools": [_offered(school, names[school], offers) for school, offers in found.items()],
        }
    )


@_guide.command()
def archive(
    what: Annotated[ByHand, typer.Argument(help="What of it.", show_default=False)],
    school: Annotated[
        str | None, typer.Option(help="In this school only: SIS ID, or #number.", show_default=False)
    ] = None,
    why: Why = "before the first run of the SIS",
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Archive what was entered by hand: students, so that those of the SIS can be matched with them; classrooms, where
    those of the SIS shall stand in their place."""
    from rosterdesk.directory import onboarding
    from rosterdesk.directory.edit import editing

    called = f"archiving {what} entered by hand"
    with (
        options.directory(where, key_file, unencrypted, output.run, create=False, acting_as=acting_as) as directory,
        editing(directory, called, why, run=output.run) as edit,
    ):
        places = None if school is None else [find(edit.conn, edit.district, edit.person, "schools", school)]
        count = onboarding.archive(edit, what, places)
    number = edit.run if count else None
    output.say(f"{count:,} {what} are archived" + (f", as run {number}." if number else ": there was none to archive."))
    output.result({"run": number, "archived": count})


def _look(directory: Directory) -> tuple[list[Step], list[tuple[int, str, str]]]:
    """The steps, the matches among them looked for; and the first of the students who are in no match."""
    from rosterdesk.directory import archived, onboarding
    from rosterdesk.guided import pairs as matches

    run = output.run
    with directory.read(run) as conn:
        stands = onboarding.standing(conn, directory.district)
    found = dict(stands.steps)
    if not stands.synced:
        return list(found.values()), []
    with pipeline.staged(run) as staging:
        proposed = matches.look_for(directory, staging, run)
    with directory.read(run) as conn:
        waiting = matches.waiting(proposed, onboarding.unmerged(conn, directory.district))
        rows = archived.rows(conn, directory.district, waiting.leavers[:_LISTED])
    found["match"] = matches.told(found["match"], waiting, stands.merged)
    return list(found.values()), [(number, name or "", school or "") for number, _, name, _, school in rows]


def _worth_a_look(offers: Sequence[Suggestion]) -> Sequence[Suggestion]:
    """The one of the same name; else those that are likely; else the likest few."""
    if offers and offers[0].exact:
        return offers[:1]
    return [one for one in offers if one.likely] or offers[:_OFFERED]


def _likeness(one: Suggestion) -> str:
    return "the same name" if one.exact else "a like name" if one.likely else f"{one.likeness:.0%}"


def _offered(school: int, name: str, offers: Sequence[Suggestion]) -> dict[str, Any]:
    told = [
        {"sis_id": one.sis_id, "name": one.name, "likeness": round(one.likeness, 3), "exact": one.exact}
        for one in offers
    ]
    return {"school": school, "name": name, "suggestions": told}
