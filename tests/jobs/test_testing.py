"""The test run of a job, as the system's scheduler starts it: what it tries, and what it says is amiss."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from rosterdesk import cli
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.jobs import receipts
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job, Notices, save
from rosterdesk.jobs.running import lease, run_job
from rosterdesk.jobs.schedulers import Command, cron, launchd, systemd, windows
from rosterdesk.jobs.state import remembered
from rosterdesk.jobs.testing import last_try, try_here, try_in_context
from rosterdesk.run import Run
from tests.rosters import exported, roster, student, written

ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = Command("/opt/roster desk/rosterdesk", ("run", "nightly", "--test"), {"ROSTERDESK_HOME": "/srv/r%d"})


@pytest.fixture
def job(tmp_path: Path) -> Job:
    made = Job(
        "nightly",
        (str(written(roster(student("S1") + student("S2")), tmp_path)),),
        directory=str(tmp_path / "directory.db"),
        key_file=str(tmp_path / "key"),
        outlet=str(tmp_path / "out"),
        schedule=schedule("02:00"),
        notices=Notices(desktop=False),
    )
    save(made)
    with open_directory(made.directory, KeySource(file=Path(made.key_file))):
        return made


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """cron as it is to a program: a table, whose every-minute lines start with a bare environment, here at once."""
    table, program = tmp_path / "table", tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nif [ "$1" = -l ]; then cat "{table}"; exit; fi\ncat > "{table}"\n'
        f'line=$(grep "^[*] [*] [*]" "{table}" | cut -d" " -f6-)\n'
        f'[ -z "$line" ] || env -i HOME="$HOME" PATH=/usr/bin:/bin PYTHONPATH="{ROOT}" sh -c "$line" &\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    table.write_text("5 4 * * * theirs\n")
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setattr(systemd, "usable", lambda: False)
    return table


def test_it_tries_everything_and_pushes_nothing(job: Job, tmp_path: Path) -> None:
    done = try_here(job, Run())
    assert done.good
    assert done.said == (
        "The directory opens, and its key is there.",
        "The source was read: 2 people.",
        "A run would make 4 changes now.",
        "The outlet takes files.",
    )
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        assert exported(directory, tmp_path)["students.csv"].count("\n") == 1
        assert directory.generation == 0
    assert not Path(job.outlet).exists()
    assert remembered("nightly").last == ""
    (receipt,) = receipts.receipts()
    assert (receipt["outcome"], receipt["run"], receipt["changes"]) == ("tested", None, {})


def test_a_source_that_is_not_there_is_said_with_what_to_look_at(job: Job, tmp_path: Path) -> None:
    done = try_here(replace(job, sources=(str(tmp_path / "drive"),)), Run())
    assert (done.good, done.exit_code) == (False, 5)
    assert "sees the same folders and drives" in done.said[-1]
    assert [receipt["outcome"] for receipt in receipts.receipts()] == ["test failed"]


def test_a_key_that_is_not_there_is_said(job: Job) -> None:
    done = try_here(replace(job, key_file=""), Run())
    assert done.exit_code == 6
    assert "locked then" in done.said[-1]


def test_a_mail_password_that_is_not_there_is_said(job: Job) -> None:
    told = Notices(mail=("ann@example.org",), smtp="mail.example.org:587", smtp_user="ann")
    done = try_here(replace(job, notices=told), Run())
    assert done.exit_code == 6
    assert "password of the mail server" in done.said[-1]


def test_an_outlet_that_can_not_be_written_is_said(job: Job, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = try_here(replace(job, outlet=str(tmp_path / "file" / "out.zip")), Run())
    assert done.exit_code == 5
    assert "Nothing can be written to" in done.said[-1]


@pytest.mark.timeout(180)
def test_cron_starts_it_with_a_bare_environment_and_whoever_saved_the_job_is_told(job: Job, crontab: Path) -> None:
    done = try_in_context(job, cron.Cron(), Run())
    assert (done.good, done.said[0]) == (True, "The directory opens, and its key is there.")
    assert crontab.read_text() == "5 4 * * * theirs\n"
    assert run_job(job, Run()).run == 1


@pytest.mark.timeout(180)
def test_the_command_line_saves_a_job_and_tests_it(
    job: Job, crontab: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    where = ["--directory", job.directory, "--key-file", job.key_file]
    assert cli.run(["jobs", "add", "other", *job.sources, "--at", "02:00", *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["test"]["good"]
    # In the keyring of this process there is no key for it, and in none that the scheduler could open.
    assert cli.run(["jobs", "add", "locked", *job.sources, "--at", "02:00", "--directory", job.directory]) == 3
    said = capsys.readouterr().out
    assert "locked then" in said
    assert "at night it would not run" in said
    assert "0 2 * * *" in crontab.read_text()
    assert "* * * * *" not in crontab.read_text()


def test_a_scheduler_that_starts_nothing_is_said(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(cron, "_crontab", lambda: ["5 4 * * * theirs"])
    monkeypatch.setattr(cron, "ask", lambda arguments, given=None, **_: asked.append(given) or "")
    done = try_in_context(job, cron.Cron(), Run(), patience=0.6)
    assert (done.good, done.begun) == (False, "")
    (said,) = done.said
    assert said.startswith("cron has not started the test run. Look whether it runs on this computer")


def test_a_job_that_runs_is_not_tested(job: Job) -> None:
    with lease(job):
        assert cli.run(["run", "nightly", "--test"]) == 3
    assert last_try("nightly").begun == ""


def test_systemd_is_asked_for_a_unit_of_its_own() -> None:
    assert systemd.once("nightly", COMMAND) == [
        *("systemd-run", "--user", "--unit=rosterdesk-nightly-test", "--collect", "--no-block"),
        *("--property=UMask=0077", "--setenv=ROSTERDESK_HOME=/srv/r%d", "--"),
        *("/opt/roster desk/rosterdesk", "run", "nightly", "--test"),
    ]


def test_launchd_is_asked_for_an_agent_that_starts_once(job: Job) -> None:
    said = launchd.agent(job, COMMAND, once=True)
    assert "<key>RunAtLoad</key>\n\t<true/>" in said
    assert "StartCalendarInterval" not in said
    assert "<string>org.rosterdesk.job.nightly test</string>" in said


def test_the_task_scheduler_is_asked_for_a_task_without_times_and_to_run_it(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    tasks: list[str] = []

    def ask(arguments: list[str]) -> str:
        asked.append(arguments[:5])
        if "/XML" in arguments:
            tasks.append(Path(arguments[-1]).read_text("utf-16"))
        return ""

    monkeypatch.setattr(windows, "ask", ask)
    windows.TaskScheduler().start(job, COMMAND)
    assert asked == [
        ["schtasks", "/Create", "/F", "/TN", "\\RosterDesk\\nightly test"],
        ["schtasks", "/Run", "/TN", "\\RosterDesk\\nightly test"],
    ]
    assert "CalendarTrigger" not in tasks[0]
    assert "<Arguments>run nightly --test</Arguments>" in tasks[0]
