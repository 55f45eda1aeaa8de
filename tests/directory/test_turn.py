"""Two processes at once, and processes that die at any moment."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory
from rosterdesk.errors import Cancelled, DirectoryBusy
from rosterdesk.run import Run
from tests.directory.conftest import Place
from tests.directory.filling import exported, random_run

KILLS = 6  # of each kind of directory
_PASSPHRASE = "one for parent and child"
_HOLD = """
import sys
from rosterdesk.directory.engine import open_directory
with open_directory(sys.argv[1]) as directory, directory.transaction("holding it") as conn:
    directory.bump(conn)
    print("held", flush=True)
    sys.stdin.readline()
"""
_WRITE = """
import sys
from rosterdesk.directory.engine import open_directory
from tests.directory.test_turn import write
with open_directory(sys.argv[1]) as directory:
    print("begun", flush=True)
    write(directory, int(sys.argv[2]))
    print("done", flush=True)
"""
_MAKE = """
import sys, alembic.command, rosterdesk.directory.embedded, rosterdesk.directory.shared
from rosterdesk.directory.engine import open_directory
print("ready", flush=True)
open_directory(sys.argv[1]).close()
"""


def write(directory: Directory, seed: int) -> None:
    """A run that takes a while, the same whenever the seed and the directory are."""
    random_run(directory, random.Random(seed), many=5_000)


@pytest.fixture
def known(place: Place) -> Place:
    """A place whose key child processes know."""
    return Place(place.where, KeySource(passphrase=_PASSPHRASE), place.make)


def _start(script: str, place: Place, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, str(place.where), *arguments],
        env={**os.environ, "ROSTERDESK_PASSPHRASE": _PASSPHRASE},
        cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def holder(known: Place) -> Iterator[subprocess.Popen[str]]:
    """Another process in the middle of its transaction."""
    known.open().close()
    with _start(_HOLD, known) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_who_holds_it_is_said_after_waiting(known: Place, holder: subprocess.Popen[str]) -> None:
    seen: list[str] = []
    with known.open(patience=0.5) as directory:
        assert directory.generation == 0  # reading does not wait
        with (
            pytest.raises(DirectoryBusy) as caught,
            directory.transaction("pushing", Run(lambda p: seen.append(p.what))),
        ):
            pass
    assert f"process {holder.pid}, since 20" in str(caught.value)
    assert "holding it)" in str(caught.value)
    assert seen
    assert all(what.startswith("Waiting for ") and f"process {holder.pid}" in what for what in seen)


def test_the_second_waits_until_the_first_is_done(known: Place, holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    stdin = holder.stdin

    def release(progress: object) -> None:
        if not stdin.closed:
            stdin.write("\n")
            stdin.close()

    with known.open() as directory, directory.transaction("pushing", Run(release)) as conn:
        assert directory.generation_in(conn) == 1  # what the first wrote is there
    holder.stdin = None


def test_a_crash_of_the_first_frees_the_second(known: Place, holder: subprocess.Popen[str]) -> None:
    with known.open() as directory, directory.transaction("pushing", Run(lambda _: holder.kill())) as conn:
        assert directory.generation_in(conn) == 0
        directory.bump(conn)


def test_waiting_can_be_cancelled(known: Place, holder: subprocess.Popen[str]) -> None:
    run = Run()
    timer = threading.Timer(0.3, run.cancel)
    timer.start()
    with known.open() as directory, pytest.raises(Cancelled), directory.transaction("pushing", run):
        pass
    timer.join()


def test_threads_of_one_process_take_turns_too(known: Place) -> None:
    with known.open() as directory:

        def bump() -> None:
            for _ in range(5):
                with directory.transaction() as conn:
                    before = directory.generation_in(conn)
                    time.sleep(0.005)
                    assert directory.bump(conn) == before + 1

        threads = [threading.Thread(target=bump) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert directory.generation == 20


def test_two_processes_may_make_the_same_directory_at_once(known: Place) -> None:
    processes = [_start(_HOLD, known) for _ in range(3)]
    try:
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process in processes:
            process.communicate(timeout=60)
            assert process.returncode == 0
    finally:
        for process in processes:
            process.kill()
    with known.open(create=False) as directory:
        assert directory.generation == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_killed_process_leaves_the_state_before_or_after(known: Place, tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    rnd = random.Random(seed)
    with known.open() as directory:
        write(directory, 0)
    ends = {"before": 0, "after": 0}
    with known.other().open() as twin:
        write(twin, 0)
        for number in range(1, KILLS + 1):
            before = exported(twin, tmp_path)
            began = time.monotonic()
            write(twin, number)
            lasted = time.monotonic() - began
            after = exported(twin, tmp_path)
            with _start(_WRITE, known, str(number)) as child:
                assert child.stdout is not None
                assert child.stdout.readline() == "begun\n"
                time.sleep(rnd.uniform(0, lasted * 1.2))
                child.kill()
            with known.open(create=False) as directory:
                found = exported(directory, tmp_path)
                assert found in (before, after)
                ends["after" if found == after else "before"] += 1
                if found == before:
                    write(directory, number)  # nothing of the dead run is in its way
                    assert exported(directory, tmp_path) == after
    print(ends)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_a_process_killed_while_it_makes_a_directory_is_in_nobodys_way(known: Place, tmp_path: Path) -> None:
    with known.other().open() as directory:
        empty = exported(directory, tmp_path)
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    rnd = random.Random(seed)
    for _ in range(3):
        place = known.other()
        with _start(_MAKE, place) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            time.sleep(rnd.uniform(0, 0.3))
            child.kill()
        with place.open() as directory:
            assert exported(directory, tmp_path) == empty
