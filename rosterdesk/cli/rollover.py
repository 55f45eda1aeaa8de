"""`rosterdesk directory rollover`: the end of a school year, with its preview, the jobs' summer and their first run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from rosterdesk.cli import edits, options
from rosterdesk.cli.editing import number
from rosterdesk.cli.output import output
from rosterdesk.directory import offers
from rosterdesk.directory import rollover as year
from rosterdesk.directory.edit import editing
from rosterdesk.directory.rollover import Leaving, SchoolEnd, YearEnd
from rosterdesk.directory.settings import DISTRICT
from rosterdesk.errors import UsageError
from rosterdesk.jobs import summer
from rosterdesk.jobs.calendar import period
from rosterdesk.jobs.file import FirstRun, names


def rollover(
    school: edits.At = None,
    classrooms: Annotated[bool, typer.Option("--classrooms/--no-classrooms", help="Archive the classrooms.")] = True,
    students: Annotated[Leaving, typer.Option("--students", help="Which students are archived.")] = Leaving.GRADES,
    grades: Annotated[str, typer.Option(help="The grades that leave, with --students grades.")] = "12",
    rest: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="The jobs rest: 2027-06-15..2027-08-09.", show_default=False)
    ] = None,
    only_add: Annotated[
        str | None, typer.Option(metavar="PERIOD", help="The jobs take nothing away.", show_default=False)
    ] = None,
    first_run: Annotated[
        str | None, typer.Option(metavar="DATE", help="The new year's first run is on or after it.", show_default=False)
    ] = None,
    threshold: Annotated[int, typer.Option(help="Percent of a kind that the first run may archive.")] = 50,
    school_threshold: Annotated[int, typer.Option(help="The same within one school.")] = 60,
    link_threshold: Annotated[int, typer.Option(help="Percent of enrollments and family links.")] = 100,
    job: Annotated[
        list[str] | None, typer.Option("--job", help="For this job; again for more. Default: all.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without this only the preview is shown.")] = False,
    why: Annotated[str, typer.Option("--why", help="The reason; it stands in the history.")] = "end of the school year",
    acting_as: options.ActingAs = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """End the school year: archive classrooms and who leaves, let the jobs rest, loosen the first run of the next."""
    first = (
        FirstRun(period(first_run).first, threshold, school_threshold, link_threshold)
        if first_run is not None
        else None
    )
    pause = {
        "rest": None if rest is None else period(rest),
        "only_add": None if only_add is None else period(only_add),
        "first": first,
    }
    jobs = tuple(job or (names() if any(pause.values()) else ()))
    if any(pause.values()) and not jobs:
        raise UsageError("There is no job that could rest.", "`rosterdesk jobs list` lists them.")
    chosen = tuple(grade for part in grades.split(",") if (grade := part.strip()))
    with options.directory(where, key_file, unencrypted, output.run, create=False) as directory:
        with directory.read(output.run) as connection:
            trial = offers.trial(directory, connection, acting_as)
            at = DISTRICT if school is None else number(trial, "schools", school)
            end = YearEnd(at, classrooms, students, chosen)
            would = year.preview(trial, end)
        _tell(would)
        run = None
        if yes:
            with editing(directory, "end the school year", why, acting_as=acting_as, run=output.run) as edit:
                if any(s.classrooms or s.students for s in would):
                    year.archive(edit, end, output.run)
                if jobs:  # within the edit: dates that can't be stop both
                    summer.pause(jobs, pause["rest"], only_add=pause["only_add"], first=first)  # type: ignore[arg-type]
            run = edit.run if edit.counts else None
            output.say(
                f"Archived as run {run}; `rosterdesk undo {run}` takes it back." if run else "Nobody to archive."
            )
            for name in jobs:
                output.say(f"{name} has its dates; `rosterdesk jobs show {name}` tells them.")
        else:
            output.say("Nothing was changed. The same with --yes does it.")
    output.result({"schools": [asdict(s) for s in would], "run": run, "jobs": list(jobs if yes else ())})


def _tell(would: tuple[SchoolEnd, ...]) -> None:
    output.table(
        ("School", "Classrooms archived", "of", "Students archived", "of"),
        [(s.name, s.classrooms, s.of_classrooms, s.students, s.of_students) for s in would],
        numbers=(1, 2, 3, 4),
    )
    rooms, people = sum(s.classrooms for s in would), sum(s.students for s in would)
    output.say(f"{rooms:,} classrooms and {people:,} students would be archived. It can be undone.")
