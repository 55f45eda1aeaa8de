"""The commands of recurring uploads: jobs, and run."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from rosterdesk.cli import jobfiles, jobtest, options
from rosterdesk.cli.output import output
from rosterdesk.directory.limits import read as read_limit
from rosterdesk.errors import DirectoryError, SecretError, UnreachableError, UsageError
from rosterdesk.jobs import keeping
from rosterdesk.jobs.calendar import period
from rosterdesk.jobs.calendar import schedule as read_schedule
from rosterdesk.jobs.file import Job, Notices, load, names, save, text
from rosterdesk.jobs.state import missed, remembered

_jobs = typer.Typer(help="Recurring uploads, started by the system's own scheduler.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="The job's name.", show_default=False)]
_At = Annotated[str, typer.Option("--at", metavar="TIMES", help="Times of day: 02:00, or 06:00,18:00. Empty: by hand.")]
_Days = Annotated[str, typer.Option("--days", metavar="DAYS", help="mon-fri, or mon,wed. Empty: every day.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    for command in (add, schedule, show, remove, pause, resume):
        _jobs.command()(command)
    _jobs.command(name="list")(list_)
    jobfiles.register(_jobs)
    jobtest.register(_jobs)
    app.command()(run)
    app.add_typer(_jobs, name="jobs")


def add(
    name: _Name,
    sources: options.Sources,
    at: _At = "",
    days: _Days = "",
    mapping: options.MappingFile = None,
    where: options.Where = None,
    key_file: options.KeyFile = None,
    to: Annotated[str, typer.Option("--to", metavar="OUTLET", help="Write the roster into this folder too.")] = "",
    layout: Annotated[str, typer.Option(help="How the outlet's files are laid out.")] = "oneroster-1.1",
    zipped: Annotated[bool, typer.Option("--zip", help="Write the outlet's files as one ZIP.")] = False,
    additions_only: Annotated[bool, typer.Option("--additions-only", help="Never take anything away.")] = False,
    rest: Annotated[
        list[str] | None, typer.Option("--rest", metavar="DATES", help="Dates without a run: 2026-12-20..2027-01-03.")
    ] = None,
    only_add: Annotated[
        list[str] | None,
        typer.Option("--only-add", metavar="DATES", help="Dates on which nothing is taken away."),
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=1440, help="The most minutes that a run may take.")] = 240,
    limit: Annotated[
        list[str] | None,
        typer.Option(
            "--limit",
            metavar="LIMIT",
            help='Hold a run over it: "students created 200", "students created 40 at SCHOOL-ID"; again for more.',
        ),
    ] = None,
    learn: Annotated[
        bool, typer.Option("--learn/--no-learn", help="Hold what is unusual for this job, once it is known.")
    ] = True,
    wake: Annotated[bool, typer.Option("--wake", help="Wake the computer for it, where the system can.")] = False,
    mail: Annotated[list[str] | None, typer.Option("--mail", help="Who is told, by mail.")] = None,
    smtp: Annotated[str, typer.Option(metavar="HOST:PORT", help="The mail server.")] = "",
    smtp_user: Annotated[str, typer.Option(help="The user at the mail server.")] = "",
    webhook: Annotated[str, typer.Option(metavar="URL", help="A web address that is told, as JSON.")] = "",
    heartbeat: Annotated[str, typer.Option(metavar="URL", help="A web address that is asked after each run.")] = "",
    digest: Annotated[bool, typer.Option("--digest", help="Tell once a week how it went.")] = False,
    every_run: Annotated[bool, typer.Option("--every-run", help="Tell of every run, not only of trouble.")] = False,
    test: Annotated[bool, typer.Option("--test/--no-test", help="Have the system test it now, as at night.")] = True,
    json: options.Json = False,
) -> None:
    """Save a job, and have the system start it at its times; it is tested at once as the system will run it."""
    told = Notices(
        mail=tuple(mail or ()),
        smtp=smtp,
        smtp_user=smtp_user,
        webhook=webhook,
        heartbeat=heartbeat,
        digest=digest,
        every_run=every_run,
    )
    if told.mail and not smtp:
        raise UsageError("Nobody can be told by mail without a mail server.", "Name it with --smtp HOST:PORT.")
    job = Job(
        name,
        tuple(source if source.startswith("connection:") else str(Path(source).resolve()) for source in sources),
        directory=_directory(where),
        key_file=str(key_file.resolve()) if key_file else "",
        outlet=to if not to or to.startswith("connection:") else str(Path(to).resolve()),
        layout=layout,
        zipped=zipped,
        additions_only=additions_only,
        minutes=minutes,
        limits=tuple(str(read_limit(text)) for text in limit or ()),
        learn=learn,
        schedule=read_schedule(at, days, wake=wake),
        blackouts=tuple(period(p) for p in rest or ()),
        additions_only_dates=tuple(period(p) for p in only_add or ()),
        notices=told,
    )
    save(job, options.mapping(mapping, None))
    told_of = _scheduled(job)
    if test and job.schedule.times:
        told_of |= jobtest.try_job(job)
    output.result(told_of)
    jobtest.leave(told_of)


def _directory(where: str | None) -> str:
    return where if where and "://" in where else str(Path(where).resolve()) if where else ""


def schedule(name: _Name, json: options.Json = False) -> None:
    """Tell the system's scheduler of a job's times, after its file was changed by hand."""
    output.result(_scheduled(load(name)))


def _scheduled(job: Job) -> dict[str, object]:
    from rosterdesk.jobs.schedulers import command, scheduler

    doubts = _doubts(job)
    for doubt in doubts:
        output.say(doubt)
    notes: tuple[str, ...] = ()
    if job.schedule.times:
        try:
            system = scheduler()
        except UsageError as error:
            raise UsageError(f"{job.name} is saved, but nothing starts it. {error.title}", error.advice) from error
        notes = system.put(job, command(job.name))
        output.say(f"{job.name} runs {job.schedule}, started by {system.name}.")
    else:
        if (known := keeping.system()) is not None:  # it may know of times that are gone
            known.take(job.name)
        output.say(f"{job.name} is saved. It runs when you say `rosterdesk run {job.name}`.")
    for note in notes:
        output.say(note)
    return {"job": job.name, "schedule": str(job.schedule), "notes": [*doubts, *notes]}


def _doubts(job: Job) -> tuple[str, ...]:
    """What is probably wrong with the job's limits, as far as its directory can be looked into."""
    from rosterdesk.jobs.limited import without_school

    try:
        return without_school(job, output.run)
    except (DirectoryError, SecretError, UnreachableError):  # it may be made by the first run; a test of the job tells
        return ()


def list_(json: options.Json = False) -> None:
    """List the jobs: what, when, how the last run ended, and what was missed."""
    now = datetime.now().astimezone()
    found = []
    for name in names():
        job, state = load(name), remembered(name)
        due = None if job.paused else job.schedule.next(now)
        found.append(
            {
                "job": name,
                "sources": list(job.sources),
                "schedule": "paused" if job.paused else str(job.schedule),
                "next": due.isoformat(timespec="minutes") if due else None,
                "last": state.last or None,
                "ended": state.ended or None,
                "missed": [at.isoformat(timespec="minutes") for at in missed(job, state, now)],
            }
        )
    output.table(
        ("Job", "When", "Next", "Last run", "Ended", "Missed"),
        [(j["job"], j["schedule"], j["next"], j["last"], j["ended"], len(j["missed"])) for j in found],  # type: ignore[arg-type]
        numbers=(5,),
    )
    output.result({"jobs": found})


def show(name: _Name, json: options.Json = False) -> None:
    """Show a job's file, and what the system's scheduler reports of it."""
    from rosterdesk.jobs.schedulers import Reported, scheduler

    job = load(name)
    output.say(text(job))
    reported = Reported(False)
    try:
        reported = scheduler().report(name)
    except UsageError as error:  # no scheduler here, or it does not answer: the job's file can still be looked at
        output.say(str(error))
    if job.schedule.times and not reported.scheduled:
        output.say(f"The system does not know of it: `rosterdesk jobs schedule {name}` tells it.")
    due = reported.next.astimezone().isoformat(timespec="minutes") if reported.next else None
    for sentence in (*reported.said, *([f"The system starts it next at {due}."] if due else [])):
        output.say(sentence)
    output.result({"job": asdict(job), "state": asdict(remembered(name)), "scheduled": reported.scheduled, "next": due})


def remove(name: _Name, json: options.Json = False) -> None:
    """Forget a job. What its runs did stays."""
    keeping.removed(name)
    output.say(f"{name} is forgotten.")
    output.result({"removed": name})


def pause(name: _Name, json: options.Json = False) -> None:
    """Let a job rest until it is resumed."""
    _paused(name, paused=True)


def resume(name: _Name, json: options.Json = False) -> None:
    """Let a paused job run again."""
    _paused(name, paused=False)


def _paused(name: str, *, paused: bool) -> None:
    keeping.paused(name, rests=paused)
    output.say(f"{name} {'rests until it is resumed' if paused else 'runs again'}.")
    output.result({"job": name, "paused": paused})


def run(
    name: _Name,
    test: Annotated[
        bool, typer.Option("--test", help="Try all of it but the push: what the scheduler is asked.")
    ] = False,
    json: options.Json = False,
) -> None:
    """Run a job now, as the scheduler does."""
    if test:
        jobtest.try_here(load(name))
        return
    from rosterdesk.jobs.running import run_job

    ran = run_job(load(name), output.run)
    cleaned = ran.cleaned.sentences if ran.cleaned is not None else ()
    words = {
        "job": ran.job,
        "run": ran.run,
        "outcome": ran.ended.value,
        "changes": {entity: dict(of) for entity, of in ran.counts.items()},
        "problems": dict(ran.problems),
        "plan": ran.plan,
        "why": ran.title,
        "missed": [at.isoformat(timespec="minutes") for at in ran.missed],
        "unsent": list(ran.unsent),
        "cleaned": list(cleaned),
        **output.cost(),
    }
    total = sum(n for of in ran.counts.values() for n in of.values())
    through = f"{name} ran through: {total:,} changes as run {ran.run}."
    for sentence in filter(None, (f"{ran.title} {ran.advice}".strip() or through, ran.unkept, *ran.unsent, *cleaned)):
        output.say(sentence)
    output.result(words)
    if ran.exit_code:
        raise typer.Exit(ran.exit_code)
