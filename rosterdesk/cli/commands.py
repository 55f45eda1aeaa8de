"""The commands along a roster's path: read, map, check, preview, push."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rosterdesk import pipeline
from rosterdesk.cli import options
from rosterdesk.cli.output import output
from rosterdesk.cli.telling import first_problems, outcome, separator, tell_plan, tell_problems
from rosterdesk.errors import DirectoryChanged, FileError, HeldError, UsageError
from rosterdesk.mapping import save as save_mapping
from rosterdesk.mapping import unmet
from rosterdesk.model import Outcome, Plan
from rosterdesk.sources.read import read as read_source
from rosterdesk.sources.rewrite import rewrite

if TYPE_CHECKING:
    from rosterdesk.directory.engine import Directory

_Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write into this folder.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(read)
    app.command(name="map")(map_)
    app.command()(check)
    app.command()(preview)
    app.command()(push)


def read(sources: options.Sources, out: _Out = None, json: options.Json = False) -> None:
    """Tell what is in files: tables, encoding, dialect, and what could not be read; --out writes clean UTF-8 CSV."""
    run = output.run
    if out is not None:
        written = rewrite(sources, out, run)
        tables, problems = written.tables, written.problems
    else:
        with pipeline.staged(run) as staging:
            reading = read_source(sources, staging, run, careful=True)
            tables = [
                {
                    "name": t.name,
                    "file": t.file,
                    "format": t.format,
                    "encoding": t.encoding,
                    "delimiter": t.delimiter,
                    "rows": t.rows if t.rows is not None else int(staging.one(f"select count(*) from {t.relation}")),
                    "columns": list(t.columns),
                }
                for t in reading.tables
            ]
            problems = first_problems(staging)
    output.table(
        ("Table", "File", "Format", "Encoding", "Separator", "Rows", "Columns"),
        (
            (
                t["name"],
                t["file"],
                t["format"] or "not known",
                t["encoding"],
                separator(t["delimiter"]),
                t["rows"],
                len(t["columns"]),
            )
            for t in tables
        ),
        numbers=(5, 6),
    )
    tell_problems(problems)
    output.result({"tables": tables, "problems": problems})
    if out is not None and written.unreadable:
        raise typer.Exit(FileError.exit_code)


def map_(
    sources: options.Sources,
    preset: options.Preset = None,
    mapping: options.MappingFile = None,
    save: Annotated[
        Path | None, typer.Option("--save", help="Keep the mapping in this file.", show_default=False)
    ] = None,
    remember: Annotated[
        bool, typer.Option("--remember", help="Use it from now on for files with these headers.")
    ] = False,
    out: _Out = None,
    json: options.Json = False,
) -> None:
    """Suggest which column is which, with how sure that is; --out writes the roster as OneRoster 1.1 files."""
    chosen = options.mapping(mapping, preset)
    with pipeline.roster(sources, output.run, chosen=chosen, preset=preset, remembered=options.remembered()) as roster:
        used = roster.mapping
        if save is not None:
            save_mapping(used, save)
        if remember:
            save_mapping(used, options.remembered() / f"{used.signature}.toml")
        if out is not None:
            from rosterdesk.push import folder as outlet

            outlet.write_mapped(roster.staging, out, output.run)
        tables: dict[str, dict[str, Any]] = {}
        rows = []
        for table in used.tables:
            for name, field in table.fields.items():
                source = {
                    "source": ", ".join(f"{table.table}.{c}" for c in field.columns) or None,
                    "confidence": field.confidence.value,
                    "transforms": [{"op": t.op, **t.args} for t in field.transforms],
                }
                tables.setdefault(table.target, {}).setdefault(name, source)
                steps = " > ".join(t.op for t in field.transforms)
                rows.append((f"{table.target}.{name}", source["source"], field.confidence.value, steps))
        output.table(("Field", "Column", "Sure?", "Steps"), rows)
        missing = unmet(used)
        for sentence in missing:
            output.say(sentence)
        output.result({"tables": tables, "unmet": missing})


def check(
    sources: options.Sources,
    mapping: options.MappingFile = None,
    preset: options.Preset = None,
    json: options.Json = False,
) -> None:
    """Tell what is wrong with a roster, before anything is changed."""
    with pipeline.roster(
        sources, output.run, chosen=options.mapping(mapping, preset), preset=preset, remembered=options.remembered()
    ) as roster:
        roster.require_known()
        groups = roster.staging.rows(
            "select severity, code, count(*), any_value(message) from problems group by all order by all"
        )
        order = {"error": 0, "warning": 1, "notice": 2}
        groups.sort(key=lambda g: (order[g[0]], g[1]))
        output.table(("", "Problem", "Rows", "For example"), groups, numbers=(2,))
        if not groups:
            output.say("Nothing is wrong with this roster.")
        problems = first_problems(roster.staging)
        output.result({"problems": problems, "counts": {code: count for _, code, count, _ in groups}})


def preview(
    sources: options.Sources,
    mapping: options.MappingFile = None,
    preset: options.Preset = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    out: _Out = None,
    json: options.Json = False,
) -> None:
    """Tell what a push would do, without doing it; --out writes every change as CSV and XLSX."""
    pipeline.load_ahead()
    chosen, run = options.mapping(mapping, preset), output.run
    with (
        pipeline.roster(sources, run, chosen=chosen, preset=preset, remembered=options.remembered()) as roster,
        options.directory(where, key_file, unencrypted, run) as directory,
    ):
        plan = pipeline.preview(roster, directory)
        if out is not None:
            from rosterdesk.planning import summary

            summary.write(roster.staging, out, run)
        tell_plan(roster, plan)
        output.result(outcome(None, Outcome.PREVIEW, plan, roster.problems()))


def push(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SOURCE...]",
            help="Files, a folder, a ZIP, or connection:NAME; none: what --approve names.",
            show_default=False,
        ),
    ] = None,
    mapping: options.MappingFile = None,
    preset: options.Preset = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to",
            metavar="OUTLET",
            help="Write the roster into this folder, or to connection:NAME, too.",
            show_default=False,
        ),
    ] = None,
    layout: Annotated[str, typer.Option(help="How the outlet's files are laid out.")] = "oneroster-1.1",
    zipped: Annotated[bool, typer.Option("--zip", help="Write the outlet's files as one ZIP.")] = False,
    approve: Annotated[
        str | None,
        typer.Option(
            metavar="PLAN-DIGEST",
            help="Push this plan, as the preview named it, though it goes over a limit. Alone: the run that a job has "
            "held with it.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask. Limits still hold.")] = False,
    additions_only: Annotated[
        bool, typer.Option("--additions-only", help="Push what is new or changed; take nothing away.")
    ] = False,
    only_school: Annotated[
        list[str] | None,
        typer.Option("--only-school", metavar="SIS-ID", help="Push what concerns this school; again for more."),
    ] = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    unencrypted: options.Unencrypted = False,
    json: options.Json = False,
) -> None:
    """Bring a roster into the directory. One that goes over a limit is held until a person approves the plan."""
    schools = tuple(only_school or ())
    if not sources:
        if approve is None:
            raise UsageError("A push needs a source.", "Name files, a folder, or connection:NAME.")
        if mapping or preset or to:
            raise UsageError(
                "A held run keeps its mapping and its outlet.",
                "Leave out --mapping, --preset and --to, or name a source.",
            )
        from rosterdesk.cli import approving

        approving.push_held(
            approve, additions_only=additions_only, schools=schools, given=(where, key_file, unencrypted)
        )
        return
    pipeline.load_ahead()
    chosen, run = options.mapping(mapping, preset), output.run

    def once() -> None:
        whole = None
        if approve is not None and (additions_only or schools):
            # What was approved is the whole plan, or the very part: both are of the same files and directory.
            with (
                pipeline.roster(sources, run, chosen=chosen, preset=preset, remembered=options.remembered()) as roster,
                options.directory(where, key_file, unencrypted, run) as directory,
            ):
                whole = pipeline.preview(roster, directory)
        # The source is read first: a wrong file must not even make an empty directory.
        with (
            pipeline.roster(sources, run, chosen=chosen, preset=preset, remembered=options.remembered()) as roster,
            options.directory(where, key_file, unencrypted, run) as directory,
        ):
            plan = pipeline.preview(roster, directory, additions_only=additions_only, schools=schools)
            known = whole is not None and whole.digest == approve and whole.generation == plan.generation
            agreed = plan.digest if known else approve
            _push(roster, plan, directory, agreed, ask=not yes, outlet=to, layout=layout, zipped=zipped)

    try:
        once()
    except DirectoryChanged:
        output.say("Somebody else changed the directory meanwhile, so the plan is made again.")
        once()


def _push(
    roster: pipeline.Roster, plan: Plan, directory: Directory, approve: str | None, *, ask: bool, **outlet_of: Any
) -> None:
    tell_plan(roster, plan)
    if approve is not None and approve != plan.digest:
        raise HeldError(
            "The plan is not the one that was approved.", f"Look at the preview again; it is now {plan.digest}."
        )
    if plan.tripped and approve is None:
        number = pipeline.hold(roster, plan, directory)
        output.say(
            f"Nothing was pushed: the plan waits for a person. After a look, push it with --approve {plan.digest},"
        )
        output.say("or only what is new and changed with --additions-only, or only some schools with --only-school.")
        output.result(outcome(number, Outcome.HELD, plan, roster.problems()))
        raise typer.Exit(HeldError.exit_code)
    if not plan.empty and ask and not output.confirm(f"Push {plan.size:,} changes?"):
        raise HeldError("Nothing was pushed.", "You did not confirm it.")
    number = pipeline.apply(roster, plan, directory, **outlet_of)
    output.say(f"Done as run {number}. To take it back: rosterdesk undo {number}")
    output.result(outcome(number, Outcome.DONE, plan, roster.problems()))
