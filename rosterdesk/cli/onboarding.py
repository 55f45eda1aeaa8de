"""The commands of a switch to a SIS: classrooms to adopt, and new IDs. The way there step by step is `switching`'s."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rosterdesk import pipeline
from rosterdesk.cli import options
from rosterdesk.cli.editing import find, pairs
from rosterdesk.cli.output import output
from rosterdesk.directory import sight
from rosterdesk.errors import UsageError

_SHOWN = 200  # lines that a person is shown; --json lists all

OnlyLook = Annotated[bool, typer.Option("--preview", help="Tell what would be done; change nothing.")]
Why = Annotated[str, typer.Option("--why", help="The reason; it stands in the history.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(rekey)
    app.command()(adopt)


def rekey(
    sources: options.Sources,
    mapping: options.MappingFile = None,
    preset: options.Preset = None,
    why: Why = "the source has new IDs",
    only_look: OnlyLook = False,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Give records the IDs that a source now has for them, where it is certain who is who, instead of making all anew.

    It is one run that can be taken back. Push the source afterwards.
    """
    from rosterdesk.directory.rekeying import rekey as give

    chosen, run = options.mapping(mapping, preset), output.run
    with (
        pipeline.roster(sources, run, chosen=chosen, preset=preset, remembered=options.remembered()) as roster,
        options.directory(where, key_file, unencrypted, run, create=False, acting_as=acting_as) as directory,
    ):
        pipeline.preview(roster, directory)
        found = pipeline.crosswalk(roster, directory)
        done = None if only_look else give(directory, found.ids, why, acting_as=acting_as, run=run)
    taken = done.taken if done is not None else {}
    output.table(
        ("Records", "New IDs", "Not sure", "ID is another's"),
        (
            (entity, len(found.ids.get(entity, ())), found.unsure.get(entity, 0), len(taken.get(entity, ())))
            for entity in dict.fromkeys((*found.ids, *found.unsure))
        ),
        numbers=(1, 2, 3),
    )
    if done is not None and done.run is not None:
        output.say(f"Done as run {done.run}. To take it back: rosterdesk undo {done.run}")
    elif not only_look:
        output.say("Nobody was found under another ID; nothing was changed.")
    output.result(
        {
            "run": done.run if done is not None else None,
            "ids": {
                entity: [{"record": new.record, "old": new.old, "new": new.new} for new in ids]
                for entity, ids in found.ids.items()
            },
            "unsure": dict(found.unsure),
            "taken": {entity: [new.new for new in ids] for entity, ids in taken.items()},
        }
    )


def adopt(
    sources: options.Sources,
    these: Annotated[
        list[str] | None,
        typer.Option("--classroom", metavar="#NUMBER=SIS-ID", help="Adopt this one; may be repeated."),
    ] = None,
    ready: Annotated[bool, typer.Option("--ready", help="Adopt all that are ready.")] = False,
    keep_titles: Annotated[bool, typer.Option("--keep-titles", help="Let them keep the names they have here.")] = False,
    mapping: options.MappingFile = None,
    preset: options.Preset = None,
    why: Why = "adopted by the SIS",
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    acting_as: options.ActingAs = None,
    json: options.Json = False,
) -> None:
    """Tell which manual classroom is which class of a source, and give those that you choose their SIS IDs.

    Without --ready and --classroom nothing is changed. The sync takes over an adopted classroom with its next run.
    """
    from rosterdesk.directory.adopting import adopt_all
    from rosterdesk.matching.proposals import Group

    named = pairs(these or ())
    if ready and named:
        raise UsageError("Say --ready or --classroom, not both.", "Nothing was changed.")
    chosen, run = options.mapping(mapping, preset), output.run
    with (
        pipeline.roster(sources, run, chosen=chosen, preset=preset, remembered=options.remembered()) as roster,
        options.directory(where, key_file, unencrypted, run, create=False, acting_as=acting_as) as directory,
    ):
        pipeline.preview(roster, directory)
        found = pipeline.adoptions(roster, directory)
        sis_ids = {one.classroom: one.sis_id for one in found if ready and one.group is Group.READY}
        with directory.read(run) as conn:
            viewer = sight.viewer(conn, directory.district)
            for name, sis_id in named.items():
                sis_ids[find(conn, directory.district, viewer, "classrooms", name)] = sis_id or ""
        number = None
        if sis_ids:
            number = adopt_all(directory, sis_ids, why, keep_titles=keep_titles, acting_as=acting_as, run=run)
    output.table(
        ("Group", "Here", "Name here", "SIS ID", "Name", "Why", "In", "Out", "Stay"),
        (
            (
                *(one.group.value, f"#{one.classroom}", one.title, one.sis_id, one.sis_title, one.reason),
                *(len(one.adds), len(one.removes), len(one.keeps)),
            )
            for one in found[:_SHOWN]
        ),
        numbers=(6, 7, 8),
    )
    if number is not None:
        output.say(f"Adopted {len(sis_ids):,} as run {number}. To take it back: rosterdesk undo {number}")
    output.result({"run": number, "adopted": _adopted(sis_ids), "classrooms": [_told(one) for one in found]})


def _adopted(sis_ids: dict[int, str]) -> list[dict[str, Any]]:
    return [{"classroom": classroom, "sis_id": sis_id} for classroom, sis_id in sis_ids.items()]


def _told(one: Any) -> dict[str, Any]:
    names = ("classroom", "title", "sis_id", "sis_title", "score", "reason", "adds", "removes", "keeps", "others")
    return {"group": one.group.value, **{name: getattr(one, name) for name in names}}
