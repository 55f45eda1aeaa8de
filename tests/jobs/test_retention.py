"""How long things are kept: what lies on the disk at all, and what goes when its time is over, each with a receipt."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filelock
import pytest

from rosterdesk import cli, connections, paths, pipeline
from rosterdesk.credentials import KeySource
from rosterdesk.directory import governing
from rosterdesk.directory.deliveries import delivered_by
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.directory.history import Kind, State, get_run, list_changes, list_runs
from rosterdesk.directory.permissions import Permission
from rosterdesk.directory.schema import RECORDS
from rosterdesk.directory.settings import set_settings
from rosterdesk.directory.undo import undo
from rosterdesk.errors import NotAllowed, UsageError
from rosterdesk.jobs import digest, receipts, retention
from rosterdesk.jobs.calendar import schedule
from rosterdesk.jobs.file import Job, Notices, save
from rosterdesk.jobs.notices import Notice
from rosterdesk.jobs.reconciling import reconcile
from rosterdesk.jobs.retention import clean_up, foresee
from rosterdesk.jobs.running import run_job
from rosterdesk.jobs.state import Ended
from rosterdesk.jobs.takeback import take_back
from rosterdesk.push.replacement import MARK
from rosterdesk.run import Run
from tests.directory.conftest import Place, postgres, shared_place
from tests.rosters import exported, push, roster, student, written
from tests.servers.openssh import OpenSSH

__all__ = ["postgres", "shared_place"]

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def files(count: int, given: str = "Quisty") -> dict[str, str]:
    return roster("".join(student(f"s{n:02}", given=f"{given}{n}", family=f"Zornw{n}") for n in range(count)))


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    with open_directory(tmp_path / "directory.db", KeySource(file=tmp_path / "key")) as made:
        yield made


def keep(directory: Directory, **settings: int) -> None:
    with directory.transaction() as conn:
        set_settings(conn, directory.district, {name: str(value) for name, value in settings.items()})


def deliver(directory: Directory, outlet: Path, tmp_path: Path, given: str = "Quisty", *, zipped: bool = False) -> int:
    with pipeline.roster([written(files(20, given), tmp_path)], Run()) as made:
        return pipeline.apply(made, pipeline.preview(made, directory), directory, outlet=outlet, zipped=zipped)


def hold(directory: Directory, tmp_path: Path, count: int = 3, job: str = "") -> int:
    with pipeline.roster([written(files(count), tmp_path)], Run()) as made:
        return pipeline.hold(made, pipeline.preview(made, directory), directory, job=job)


def visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Notice]:
    """The notices that were sent; how they travel is tested by itself."""
    sent: list[Notice] = []
    monkeypatch.setattr(retention.notices, "send", lambda notice, to, run: sent.append(notice) or ())
    return sent


# --- what lies on the disk --------------------------------------------------------------------------------------------


def test_a_roster_lies_nowhere_but_in_the_outlet_after_all_that_runs_do(
    directory: Directory, home: Path, tmp_path: Path
) -> None:
    """Pushed, delivered, held, taken back: no file of ours holds a name or an ID, but those that were delivered."""
    out = tmp_path / "out"
    deliver(directory, out, tmp_path)
    number = deliver(directory, out, tmp_path, "Zornella")
    hold(directory, tmp_path)
    take_back(directory, number, Run())
    directory.close()
    ours = [path for place in (home, home.parent / "tmp") for path in place.rglob("*") if path.is_file()]
    ours += [path for path in tmp_path.rglob("directory.db*") if path.is_file()]
    for path in ours:
        content = path.read_bytes()
        assert not any(word in content for word in (b"Quisty", b"Zornw", b"Zornella", b"s07,")), path
    assert receipts.file() in ours
    holding = [path for path in out.rglob("*") if path.is_file() and b"Quisty" in path.read_bytes()]
    assert [path.name for path in holding] == ["users.csv"]


def test_what_a_killed_process_left_goes_whoever_has_its_number_now(home: Path) -> None:
    program = (
        "import os, signal\nfrom rosterdesk import paths\n"
        "with paths.scratch() as folder:\n    (folder / 'students.parquet').write_text('x')\n"
        "    print(folder, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert (left / "students.parquet").exists()
    reused = left.rename(left.with_name(f"rosterdesk-{os.getpid()}-reused"))
    assert paths.remove_leftovers() == 0  # it may just be made: whose number it has works here
    an_hour_ago = NOW.timestamp() - 3600
    os.utime(reused, (an_hour_ago, an_hour_ago))
    with paths.scratch() as ours:
        assert paths.remove_leftovers() == 1
        assert ours.exists()
    assert not reused.exists()


def test_what_a_killed_delivery_left_beside_the_outlet_goes(directory: Directory, tmp_path: Path) -> None:
    out, space = tmp_path / "out", tmp_path / ".out.rosterdesk"
    deliver(directory, out, tmp_path)
    before = visible(out)
    (space / "new").mkdir(parents=True)
    (space / "new" / "users.csv").write_text("Quisty")
    out.rename(space / "old")  # it died while one was taking the other's place
    with filelock.FileLock(space / "lock"):
        assert clean_up(directory, Run()).staged == 0  # somebody is writing there
    done = clean_up(directory, Run())
    assert done.staged == 1
    assert visible(out) == before
    assert not space.exists()
    assert list(receipts.receipts())[-1]["changes"] == {"files": {"removed": 1}}


def test_an_upload_that_nobody_finished_goes_after_its_days(directory: Directory, home: Path) -> None:
    pasted = paths.unfinished() / "Pasted table.tsv"
    pasted.parent.mkdir()
    pasted.write_text("Quisty\n")
    (pasted.parent / "draft.json").write_text("{}")
    assert clean_up(directory, Run(), today=NOW + 6 * DAY).staged == 0
    keep(directory, staged_days=0)
    assert clean_up(directory, Run(), today=NOW + 100 * DAY).staged == 0
    keep(directory, staged_days=3)
    assert foresee(directory, Run(), today=NOW + 4 * DAY).staged == 2
    assert pasted.exists()
    done = clean_up(directory, Run(), today=NOW + 4 * DAY)
    assert (done.staged, list(pasted.parent.iterdir())) == (2, [])
    with directory.read() as conn:
        past = get_run(conn, 1, done.by[0])
    assert (past.kind, past.counts) == (Kind.PURGE, {"files": {"removed": 2}})


# --- delivered files --------------------------------------------------------------------------------------------------


def test_delivered_files_stay_unless_somebody_says_for_how_long(directory: Directory, tmp_path: Path) -> None:
    deliver(directory, tmp_path / "out", tmp_path)
    assert clean_up(directory, Run(), today=NOW + 1000 * DAY).delivered == {}
    assert "users.csv" in visible(tmp_path / "out")


@pytest.mark.parametrize("kind", ["folder", "zip", "sftp"])
def test_delivered_files_go_after_their_days_and_come_with_the_next_delivery(
    directory: Directory, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    place = outlet = tmp_path / ("out.zip" if kind == "zip" else "out")
    if kind == "sftp":
        server: OpenSSH = request.getfixturevalue("openssh")
        place, outlet = server.new_folder(), Path("connection:far")
        connections.save(server.connection(place))
        server.put(f"{place.name}/answer.txt", b"theirs")
    number = deliver(directory, outlet, tmp_path)
    keep(directory, delivered_days=30)
    assert clean_up(directory, Run(), today=NOW + 29 * DAY).delivered == {}
    (foreseen,) = foresee(directory, Run(), today=NOW + 31 * DAY).lying
    assert (foreseen.run, foreseen.files) == (number, {"folder": 4, "zip": 1, "sftp": None}[kind])
    done = clean_up(directory, Run(), today=NOW + 31 * DAY)
    assert done.delivered == {str(outlet): 1 if kind == "zip" else 4}
    left = {"folder": set(), "sftp": {"answer.txt"}}.get(kind)
    assert not place.exists() if left is None else visible(place) == left
    assert not (place / MARK).exists()
    last = list(receipts.receipts())[-1]
    assert (last["kind"], last["outlet"], last["files"]) == ("purge", str(outlet), [])
    assert last["changes"] == {"delivered files": {"removed": 1 if kind == "zip" else 4}}
    assert clean_up(directory, Run(), today=NOW + 60 * DAY).by == ()
    with pytest.raises(UsageError, match="brought no files"):
        reconcile(directory, done.by[0], tmp_path / "results.csv", Run())
    deliver(directory, outlet, tmp_path, "Zornella")
    assert place.is_file() if kind == "zip" else "users.csv" in visible(place)


def test_files_that_somebody_wrote_since_stay(directory: Directory, tmp_path: Path) -> None:
    """Another directory, or another computer, may deliver to the same folder."""
    out = tmp_path / "out"
    deliver(directory, out, tmp_path)
    keep(directory, delivered_days=30)
    later = (NOW + 20 * DAY).timestamp()
    os.utime(out / "users.csv", (later, later))
    assert foresee(directory, Run(), today=NOW + 40 * DAY).lying == ()
    assert clean_up(directory, Run(), today=NOW + 40 * DAY).delivered == {}
    assert "users.csv" in visible(out)


def test_what_another_computer_delivered_is_its_to_remove(shared_place: Place, tmp_path: Path) -> None:
    """The folder of that name here may be any other."""
    out = tmp_path / "out"
    with shared_place.open() as directory:
        deliver(directory, out, tmp_path)
        keep(directory, delivered_days=30)
        (one,) = foresee(directory, Run(), today=NOW + 31 * DAY).lying
        assert (one.delivered.outlet, one.files) == (str(out), 4)
        with directory.transaction() as conn:
            conn.exec_driver_sql("update runs set machine = 'them@elsewhere'")
        assert clean_up(directory, Run(), today=NOW + 31 * DAY).delivered == {}
        held = hold(directory, tmp_path)
        assert clean_up(directory, Run(), today=NOW + 31 * DAY).discarded == (held,)
    assert "users.csv" in visible(out)


def test_what_is_not_ours_stays(directory: Directory, tmp_path: Path) -> None:
    out = tmp_path / "out"
    deliver(directory, out, tmp_path)
    (out / "theirs.txt").write_text("not ours")
    keep(directory, delivered_days=30)
    assert clean_up(directory, Run(), today=NOW + 40 * DAY).delivered == {str(out): 4}
    assert visible(out) == {"theirs.txt"}


def test_a_server_that_is_gone_is_a_fault_and_stops_nothing_else(
    directory: Directory, tmp_path: Path, openssh: OpenSSH
) -> None:
    folder = openssh.new_folder()
    connections.save(openssh.connection(folder))
    number = deliver(directory, Path("connection:far"), tmp_path)
    connections.save(replace(openssh.connection(folder, port=9), name="far"))
    keep(directory, delivered_days=30, history_months=1)
    done = clean_up(directory, Run(), today=NOW + 40 * DAY)
    assert done.faults[0].startswith("127.0.0.1 takes no connections on port 9.")
    assert (done.delivered, done.history.runs) == ({}, 1)
    with directory.read() as conn:
        kept = delivered_by(conn, 1, number)
    assert kept is not None  # what was delivered last stays known, so that it can still be removed
    assert "users.csv" in visible(folder)


# --- runs that wait ---------------------------------------------------------------------------------------------------


def test_a_run_that_waits_is_discarded_after_its_days_and_its_job_tells(
    directory: Directory, tmp_path: Path, told: list[Notice]
) -> None:
    save(Job("nightly", ("x",), directory=str(tmp_path / "directory.db"), notices=Notices(mail=("it@example.org",))))
    push(directory, written(files(20), tmp_path))
    number = hold(directory, tmp_path, job="nightly")
    before = exported(directory, tmp_path)["students.csv"]
    assert clean_up(directory, Run(), today=NOW + 29 * DAY).discarded == ()
    assert [past.number for past in foresee(directory, Run(), today=NOW + 31 * DAY).overdue] == [number]
    assert clean_up(directory, Run(), today=NOW + 31 * DAY).discarded == (number,)
    with directory.read() as conn:
        past = get_run(conn, 1, number)
    assert past.state is State.DISCARDED
    assert past.why.splitlines()[-1] == "Nobody decided within 30 days, so it was discarded."
    assert "would be archived" in past.why
    (notice,) = told
    assert notice.subject == "RosterDesk: nightly waited too long"
    assert f"Run {number} waited for a person since" in notice.sentences[0]
    assert "Quisty" not in notice.body
    assert exported(directory, tmp_path)["students.csv"] == before
    assert list(receipts.receipts())[-1]["outcome"] == "discarded"
    assert clean_up(directory, Run(), today=NOW + 32 * DAY).discarded == ()


def test_a_run_that_a_later_one_has_answered_is_left(directory: Directory, tmp_path: Path, told: list[Notice]) -> None:
    push(directory, written(files(20), tmp_path))
    hold(directory, tmp_path)
    push(directory, written(files(20, "Zornella"), tmp_path))
    assert clean_up(directory, Run(), today=NOW + 31 * DAY).discarded == ()
    keep(directory, held_days=0)
    hold(directory, tmp_path)
    assert clean_up(directory, Run(), today=NOW + 1000 * DAY).discarded == ()
    assert told == []


# --- history, and the night -------------------------------------------------------------------------------------------


def test_with_the_history_the_lists_of_files_go_but_the_last(directory: Directory, tmp_path: Path) -> None:
    first = deliver(directory, tmp_path / "out", tmp_path)
    last = deliver(directory, tmp_path / "out", tmp_path, "Zornella")
    keep(directory, history_months=1)
    done = clean_up(directory, Run(), today=NOW + 40 * DAY)
    assert (done.history.runs, done.history.lists) == (2, 1)
    with directory.read() as conn:
        assert delivered_by(conn, 1, first) is None
        assert delivered_by(conn, 1, last) is not None
        assert list_changes(conn, 1, last) == []
    with pytest.raises(UsageError, match="History is kept for 1 months here"):
        undo(directory, last)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    made = Job(
        "nightly",
        (str(written(files(40), tmp_path)),),
        directory=str(tmp_path / "nightly.db"),
        key_file=str(tmp_path / "key"),
        outlet=str(tmp_path / "out"),
        schedule=schedule("02:00"),
        notices=Notices(desktop=False),
    )
    save(made)
    return made


def of(job: Job) -> Directory:
    return open_directory(job.directory, KeySource(file=Path(job.key_file)), create=False)


def test_a_night_cleans_up_at_its_end(job: Job, tmp_path: Path, told: list[Notice]) -> None:
    run_job(job, Run(), now=NOW)
    fewer = replace(job, sources=(str(written(files(4), tmp_path)),))
    assert run_job(fewer, Run(), now=NOW + DAY).ended is Ended.HELD
    draft, ago = paths.unfinished() / "draft.json", NOW - 12 * DAY
    draft.parent.mkdir()
    draft.write_text("{}")
    os.utime(draft, (ago.timestamp(), ago.timestamp()))
    with of(job) as directory:
        keep(directory, held_days=10, staged_days=7)
        aged(directory, ago)
        with directory.read() as conn:
            (held,) = (past.number for past in list_runs(conn, 1) if past.state is State.HELD)
    gone = replace(job, sources=(str(tmp_path / "gone"),))
    ran = run_job(gone, Run(), now=NOW + 2 * DAY)
    assert ran.ended is Ended.FAILED
    assert ran.cleaned is not None
    assert (ran.cleaned.discarded, ran.cleaned.staged, ran.cleaned.faults) == ((held,), 1, ())
    assert [notice.subject for notice in told][-1] == "RosterDesk: nightly waited too long"
    assert [one["outcome"] for one in receipts.receipts()] == ["done", "held", "failed", "done", "discarded"]
    assert receipts.verify()[1] == []


def aged(directory: Directory, at: datetime) -> None:
    with directory.transaction() as conn:
        ago = at.isoformat(timespec="seconds")
        conn.exec_driver_sql(f"update runs set started = '{ago}', finished = '{ago}' where kind = 'push'")


def test_history_goes_by_months_so_that_not_each_night_is_a_run_of_forgetting(job: Job) -> None:
    first = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
    run_job(job, Run(), now=first)
    with of(job) as directory:
        keep(directory, history_months=1)
        aged(directory, first)
    forgot = []
    for night in (datetime(2026, 4, 12, 2, 0, tzinfo=UTC), datetime(2026, 5, 1, 2, 0, tzinfo=UTC)):
        cleaned = retention.after_run(job, Run(), today=night)
        assert cleaned is not None
        forgot.append(cleaned.history.runs)
    assert forgot == [0, 1]


def test_on_a_date_of_rest_nothing_is_cleaned_up(job: Job) -> None:
    assert run_job(replace(job, paused=True), Run(), now=NOW).cleaned is None


def test_a_directory_that_can_not_be_opened_fails_no_run(job: Job, tmp_path: Path) -> None:
    run_job(job, Run(), now=NOW)
    (tmp_path / "other").write_text("0" * 64)
    ran = run_job(replace(job, key_file=str(tmp_path / "other")), Run(), now=NOW + DAY)
    assert ran.ended is Ended.FAILED
    assert ran.cleaned is not None
    assert ran.cleaned.faults[0].startswith("Nothing was cleaned up.")


def test_what_a_night_could_not_remove_is_told(job: Job, told: list[Notice], openssh: OpenSSH) -> None:
    far = openssh.connection(openssh.new_folder())
    connections.save(far)
    run_job(replace(job, outlet="connection:far"), Run(), now=NOW)
    with of(job) as directory:
        keep(directory, delivered_days=5)
    connections.save(openssh.connection(port=9))
    cleaned = retention.after_run(job, Run(), today=NOW + 6 * DAY)
    assert cleaned is not None
    assert cleaned.faults[0] in told[-1].body
    assert [notice.subject for notice in told][-1] == "RosterDesk: nightly could not clean up"
    assert "takes no connections on port 9" in told[-1].body


def test_a_discarded_run_does_not_end_the_summary_of_a_week(job: Job, told: list[Notice], tmp_path: Path) -> None:
    run_job(job, Run(), now=NOW - 20 * DAY)
    run_job(replace(job, sources=(str(written(files(4), tmp_path)),)), Run(), now=NOW - 19 * DAY)
    with of(job) as directory:
        aged(directory, NOW - 19 * DAY)
    gone = replace(job, sources=(str(tmp_path / "gone"),))
    for days in (2, 1):
        run_job(gone, Run(), now=NOW - days * DAY)
    with of(job) as directory:
        keep(directory, held_days=5)
        assert len(clean_up(directory, Run(), today=NOW).discarded) == 1
    assert "ran 2 times" in digest.digest(job, NOW).sentences[0]


def test_only_who_manages_the_whole_roster_cleans_up(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(files(3), tmp_path))
    with directory.read() as conn:
        school = conn.exec_driver_sql(f"select min(id) from {RECORDS['schools'].name}").scalar_one()
    with editing(directory, "permissions", "test") as edit:
        governing.grant(edit, "sam", Permission.SCHOOL_LEADER, school)
    directory._acting_as = "sam"
    for work in (foresee, clean_up):
        with pytest.raises(NotAllowed):
            work(directory, Run())  # type: ignore[operator]


def test_on_the_command_line(directory: Directory, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(directory, tmp_path / "out", tmp_path)
    where = ["--directory", str(tmp_path / "directory.db"), "--key-file", str(tmp_path / "key")]
    assert cli.run(["directory", "settings", "delivered_days=400", "held_days=4000", *where]) == 2
    assert "a whole number from 0 to 3650" in capsys.readouterr().err
    assert cli.run(["directory", "settings", "delivered_days=400", "held_days=60", *where]) == 0
    assert cli.run(["directory", "purge", "--yes", *where]) == 0
    assert "There is nothing that is old enough to be removed." in capsys.readouterr().out
    old = (NOW - 500 * DAY).isoformat(timespec="seconds")
    with directory.transaction() as conn:
        conn.exec_driver_sql(f"update runs set started = '{old}', finished = '{old}'")
    long_ago = (NOW - 500 * DAY).timestamp()
    for path in (tmp_path / "out").iterdir():
        os.utime(path, (long_ago, long_ago))
    assert cli.run(["directory", "purge", "--yes", "--json", *where]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["delivered"], done["run"], done["faults"]) == ({str(tmp_path / "out"): 4}, None, [])
