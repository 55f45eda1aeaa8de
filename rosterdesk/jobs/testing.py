"""The test run: the job as the system's scheduler starts it, up to the push. So a locked keyring, another user or a
missing network is found when the job is saved, and not at night.

The scheduler starts `rosterdesk run JOB --test`, which leaves its result in a file; whoever saved the job waits for it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from rosterdesk import connections, credentials, paths, pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.errors import Cancelled, DirectoryError, FileError, RosterDeskError, SecretError, UnreachableError
from rosterdesk.jobs import receipts
from rosterdesk.jobs.file import Job, mapping_of, named, written
from rosterdesk.jobs.notices import KEYRING
from rosterdesk.jobs.running import FAULT, REPORT, additions_only, bounded, lease, receipt_of_test
from rosterdesk.jobs.schedulers import Scheduler, command
from rosterdesk.log import log
from rosterdesk.run import Run

# Until the scheduler has started it: cron looks at its table once a minute.
PATIENCE_SECONDS = 150.0
_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Tested:
    """How a test run went. Without `begun` the system has not started it; without `ended` it is not through.

    `said` are sentences, one for each thing that was tried; the last says what stopped it, if anything did.
    """

    begun: str = ""
    ended: str = ""
    good: bool = False
    said: tuple[str, ...] = ()
    exit_code: int = 0


def try_here(job: Job, run: Run, *, now: datetime | None = None) -> Tested:
    """Go the job's whole way but the push, keep the result for whoever waits for it, and leave a receipt.

    Raises `HeldError` when the job is running, `FileError` when the disk takes no result.
    """
    moment = now or datetime.now().astimezone()
    begun = Tested(begun=moment.isoformat(timespec="seconds"))
    with lease(job):
        _keep(job.name, begun)
        said: list[str] = []
        code = 0
        try:
            with bounded(job, run):
                _try(job, run, moment, said.append)
        except Cancelled as error:
            said.append(f"It took more than its {job.minutes} minutes." if run.cancelled else error.title)
            code = error.exit_code
        except RosterDeskError as error:
            log.warning("a test run failed: %s", type(error).__name__)
            said.append(f"{error} {_hint(error)}".strip())
            code = error.exit_code
        except Exception:  # whatever it is, somebody waits to hear of it
            _keep(job.name, _ended(begun, (*said, f"{FAULT} {REPORT}"), 1))
            raise
        tested = _ended(begun, tuple(said), code)
        receipts.append(receipt_of_test(job, moment, good=tested.good, why="" if tested.good else said[-1]))
        _keep(job.name, tested)
    return tested


def try_in_context(job: Job, system: Scheduler, run: Run, *, patience: float = PATIENCE_SECONDS) -> Tested:
    """Have the system start a test run now, and wait for how it goes; return that.

    Raises `UsageError` when the system refuses, `Cancelled` when the person does not want to wait.
    """
    _file(job.name).unlink(missing_ok=True)
    run.report(f"Waiting until {system.name} starts the test run")
    system.start(job, command(job.name, test=True))
    waited = 0.0
    try:
        while not (found := last_try(job.name)).ended:
            longest = job.minutes * 60 + patience if found.begun else patience
            if waited > longest:
                break
            if found.begun:
                run.report(f"The test run that {system.name} has started goes on")
            run.wait(_POLL_SECONDS)
            waited += _POLL_SECONDS
    finally:
        system.forget_start(job)
    if found.begun:
        return found
    advice = "Look whether it runs on this computer, and whether your account may use it."
    return replace(found, said=(f"{system.name} has not started the test run. {advice}",))


def last_try(name: str) -> Tested:
    """How the job's last test run went; nothing is said while none was made."""
    try:
        found = json.loads(_file(name).read_text("utf-8"))
        return Tested(**{**found, "said": tuple(found["said"])})
    except FileNotFoundError:
        return Tested()
    except (ValueError, TypeError, KeyError) as error:
        log.warning("the result of a test run could not be read: %s", type(error).__name__)
        return Tested()


def _ended(begun: Tested, said: tuple[str, ...], code: int) -> Tested:
    ended = datetime.now().astimezone().isoformat(timespec="seconds")
    return replace(begun, ended=ended, good=not code, said=said, exit_code=code)


def _file(name: str) -> Path:
    return named(name, ".test.json")


def _keep(name: str, result: Tested) -> None:
    written(_file(name), json.dumps(asdict(result), ensure_ascii=False, indent=1) + "\n")


def _try(job: Job, run: Run, moment: datetime, say: Callable[[str], None]) -> None:
    """Try everything that a run needs, and say what is well; raise what is not."""
    from rosterdesk.directory.engine import open_directory

    where: str | Path = job.directory or paths.default_directory()
    there = "://" in str(where) or Path(where).exists()
    key = KeySource.chosen(file=Path(job.key_file) if job.key_file else None)
    if there:
        open_directory(where, key, create=False, run=run).close()
        say("The directory opens, and its key is there.")
    else:
        say("There is no directory yet; the first run makes it.")
    with pipeline.roster(job.sources, run, chosen=mapping_of(job), remembered=paths.home() / "mappings") as roster:
        rows = int(roster.staging.one("select count(*) from incoming.people where keep"))
        say(f"The source was read: {rows:,} people.")
        if there:
            with open_directory(where, key, create=False, run=run) as directory:
                plan = pipeline.preview(
                    *(roster, directory),
                    additions_only=additions_only(job, moment.date()),
                    limits=job.limits,
                    learn_from=job.name if job.learn else "",
                    today=moment.date(),
                )
            say(f"A run would make {plan.size:,} changes now{', and wait for a person' if plan.tripped else ''}.")
    if job.outlet:
        _try_outlet(job.outlet, run)
        say("The outlet takes files.")
    if job.notices.smtp_user:
        host = job.notices.smtp.partition(":")[0]
        if credentials.secret(KEYRING, f"{job.notices.smtp_user} {host}") is None:
            raise SecretError(
                "The password of the mail server is not in the keyring.",
                "Keep it with `rosterdesk jobs mail-password`.",
            )
        say("The password of the mail server is there.")


def _try_outlet(outlet: str, run: Run) -> None:
    name = connections.named(outlet)
    if name is not None:
        from rosterdesk.push import sftp

        done = sftp.test(connections.load(name), run)
        if not done.good:
            raise UnreachableError(f"The outlet {name} can't be used.", done.said[-1].sentence)
        return
    path = Path(outlet)
    folder = path.parent if path.suffix.lower() == ".zip" or not path.exists() else path
    while not folder.exists():
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FileError(
            f"Nothing can be written to {outlet}.",
            "Look whether the folder is there and is yours.",
            os.strerror(error.errno or 0),
        ) from error


def _hint(error: RosterDeskError) -> str:
    """What it means that this went wrong where the scheduler runs the job."""
    hints: dict[type[RosterDeskError], str] = {
        SecretError: (
            "The scheduler runs it without your session: a keyring that opens when you sign in is locked then. "
            "A directory with a key file opens at night too."
        ),
        UnreachableError: "The scheduler may have another network than you: look whether this computer has it then.",
        DirectoryError: "Look whether the user whom the scheduler runs it as may open the directory.",
        FileError: "Look whether the user whom the scheduler runs it as sees the same folders and drives.",
    }
    return next((hint for kind, hint in hints.items() if isinstance(error, kind)), "")
