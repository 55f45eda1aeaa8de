"""Letting a held run through: all of it, only what it adds and changes, only some schools; and when that is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rosterdesk import cli
from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import open_directory
from rosterdesk.directory.history import State
from rosterdesk.directory.holds import find
from rosterdesk.errors import HeldError
from rosterdesk.jobs.approval import OtherNow, Part, approve_of_job, discard_of_job
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job, Notices, save
from rosterdesk.jobs.running import lease, run_job
from rosterdesk.jobs.state import Ended, remembered
from rosterdesk.run import Run
from tests.rosters import exported, roster, rows, student, written


def people(school: str, count: int, given: str = "Ana") -> str:
    return "".join(student(f"{school}{n:03}", school, f"{given}{n}", f"Ng{n}") for n in range(count))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """Its second run is held: in both schools half of the students are gone, some are new and some have changed."""
    made = Job(
        "nightly",
        (str(written(roster(people("A", 40) + people("B", 40)), tmp_path)),),
        directory=str(tmp_path / "directory.db"),
        key_file=str(tmp_path / "key"),
        outlet=str(tmp_path / "out"),
        schedule=schedule("02:00"),
        notices=Notices(desktop=False),
    )
    save(made)
    assert run_job(made, Run()).ended is Ended.DONE
    cut = people("A", 20) + people("B", 20, "Bea") + student("A900") + student("B900", "B")
    made = replace(made, sources=(str(written(roster(cut), tmp_path)),))
    save(made)
    return made


def approve(job: Job, digest: str, part: Part) -> int:
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        with directory.read() as conn:
            past = find(conn, 1, digest)
        return approve_of_job(directory, past, part, Run()).run


def active(job: Job, tmp_path: Path) -> dict[str, int]:
    """How many students of each school are active, how many are called Bea, and whether the new ones are there."""
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        table = exported(directory, tmp_path)["students.csv"]
    found = [row for row in rows(table, "sis_id", "given_name", "status") if row[2] == "active"]
    return {
        "A": sum(i.startswith("A") for i, _, _ in found),
        "B": sum(i.startswith("B") for i, _, _ in found),
        "Bea": sum(name.startswith("Bea") for _, name, _ in found),
    }


def delivered(job: Job) -> int:
    return (Path(job.outlet) / "users.csv").read_text("utf-8").count(",student,")


def test_all_of_it(job: Job, tmp_path: Path) -> None:
    held = run_job(job, Run())
    assert (held.ended, delivered(job)) == (Ended.HELD, 80)
    assert approve(job, held.plan, Part()) == held.run
    assert active(job, tmp_path) == {"A": 21, "B": 21, "Bea": 20}
    assert delivered(job) == 42
    state = remembered("nightly")
    assert (state.ended, state.run, state.failures) == ("done", held.run, 0)


def test_only_what_it_adds_and_changes(job: Job, tmp_path: Path) -> None:
    held = run_job(job, Run())
    approve(job, held.plan, Part(additions_only=True))
    assert active(job, tmp_path) == {"A": 41, "B": 41, "Bea": 20}


def test_only_one_school(job: Job, tmp_path: Path) -> None:
    held = run_job(job, Run())
    approve(job, held.plan, Part(schools=("A",)))
    assert active(job, tmp_path) == {"A": 21, "B": 40, "Bea": 0}
    assert delivered(job) == 61


def test_what_one_school_adds(job: Job, tmp_path: Path) -> None:
    held = run_job(job, Run())
    approve(job, held.plan, Part(additions_only=True, schools=("B",)))
    assert active(job, tmp_path) == {"A": 40, "B": 41, "Bea": 20}


def test_other_files_are_refused(job: Job, tmp_path: Path) -> None:
    held = run_job(job, Run())
    users = Path(job.sources[0]) / "users.csv"
    users.write_text(users.read_text("utf-8").replace("Ana1,", "Eva1,"), "utf-8")
    for part in (Part(), Part(additions_only=True), Part(schools=("A",))):
        with pytest.raises(OtherNow, match="no longer what it was"):
            approve(job, held.plan, part)
    assert active(job, tmp_path) == {"A": 40, "B": 40, "Bea": 0}
    assert delivered(job) == 80


def test_another_directory_is_refused(job: Job) -> None:
    held = run_job(job, Run())
    with (
        open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory,
        directory.transaction() as conn,
    ):
        directory.bump(conn)
    with pytest.raises(OtherNow, match="no longer what it was"):
        approve(job, held.plan, Part())


def test_not_while_the_job_runs(job: Job) -> None:
    held = run_job(job, Run())
    with lease(job), pytest.raises(HeldError, match="is running already"):
        approve(job, held.plan, Part())


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ([], {"A": 21, "B": 21, "Bea": 20}),
        (["--only-school", "B"], {"A": 40, "B": 21, "Bea": 20}),
        (["--additions-only"], {"A": 41, "B": 41, "Bea": 20}),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_on_the_command_line(
    job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], left: dict[str, int], named: bool
) -> None:
    held = run_job(job, Run())
    sources = [job.sources[0], "--yes"] if named else []
    where = ["--directory", job.directory, "--key-file", job.key_file]
    assert cli.run(["push", *sources, "--approve", held.plan, *options, *where, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "done"
    assert active(job, tmp_path) == left


def test_the_command_line_says_what_waits_no_more(job: Job, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--directory", job.directory, "--key-file", job.key_file]
    assert cli.run(["push", "--approve", "0123456789abcdef", *where]) == 2
    assert "No run waits with the plan" in capsys.readouterr().err
    assert cli.run(["push"]) == 2
    assert "needs a source" in capsys.readouterr().err


def test_the_run_of_another_computer_s_job_is_not_approved_by_ours(job: Job, tmp_path: Path) -> None:
    """Two computers share a directory, and each has a job of that name; ours fills another one."""
    held = run_job(job, Run())
    before = remembered("nightly")
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        with directory.read() as conn:
            past = find(conn, 1, held.plan)
        save(replace(job, directory=str(tmp_path / "ours.db")))
        with pytest.raises(OtherNow, match="fills another directory"):
            approve_of_job(directory, past, Part(), Run())
        assert discard_of_job(directory, past, Run()).state is State.DISCARDED
    assert remembered("nightly") == before


def test_a_job_knows_that_its_run_was_discarded(job: Job) -> None:
    held = run_job(job, Run())
    with open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False) as directory:
        with directory.read() as conn:
            past = find(conn, 1, held.plan)
        discard_of_job(directory, past, Run())
    state = remembered("nightly")
    assert (state.ended, state.title, state.run) == ("discarded", "", held.run)
