"""A nightly run, from the start of its process to its receipt; and how much a history of years slows the window down.

    python tests/bench/nightly.py DAY1 DAY2 [--rounds 3]
    python tests/bench/nightly.py --history 1100

DAY1 and DAY2 are folders with the files of two days of one district. The first is pushed by a job's first run; then, as
often as asked, the directory is put back, and the job's run on the second is measured: seconds, seconds of the
processor, and the peak of its memory. With --history, a directory with so many nightly runs (each with its numbers by
school), and its queries for the window, beside those of a directory with none. Asserts nothing, since machines differ.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path


def job_run(name: str) -> tuple[float, float, float]:
    """Run the job as the scheduler does: seconds, seconds of the processor, and MiB at the peak."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "rosterdesk", "run", name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"rosterdesk run {name}: exit {process.returncode}")
    kibibytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return wall, used.ru_utime + used.ru_stime, kibibytes / 1024


def nightly(day1: Path, day2: Path, rounds: int, work: Path) -> None:
    """Measure the run on the second day."""
    from rosterdesk.jobs import receipts
    from rosterdesk.jobs.file import Job, Notices, save

    source, place = work / "source", work / "directory.db"
    key = work / "key"
    job = Job("nightly", (str(source),), str(place), str(key), notices=Notices(desktop=False))
    save(job)
    shutil.copytree(day1, source)
    told("first run", *job_run("nightly"))
    kept = [path for path in work.glob("directory.db*") if path.suffix != ".lock"]
    for path in kept:
        shutil.copy2(path, work / f"kept-{path.name}")
    shutil.rmtree(source)
    shutil.copytree(day2, source)
    for _ in range(rounds):
        for path in kept:
            shutil.copy2(work / f"kept-{path.name}", path)
        told("second day", *job_run("nightly"))
    last = list(receipts.receipts())[-1]
    print(f"receipt {last['number']}: {last['outcome']}, {last['changes']}")


def told(what: str, wall: float, processor: float, mebibytes: float) -> None:
    """Say one measurement."""
    print(f"{what:12} {wall:6.2f} s  {processor:6.2f} s of the processor  {mebibytes:5.0f} MiB", flush=True)


def history(nights: int, work: Path) -> None:
    """Measure what the window asks of a directory when it opens, and what a run asks of its job's history."""
    from rosterdesk.credentials import KeySource
    from rosterdesk.directory.engine import open_directory
    from rosterdesk.directory.history import Kind, PastRun, State, list_runs, record_run
    from rosterdesk.directory.usual import record_schools, usual

    today = datetime.now(UTC)
    did = {entity: {"created": 3, "updated": 17, "archived": 2} for entity in ("students", "staff", "classrooms")}
    schools = {f"{n:04}": {**did, "guardianships": {"created": 3, "removed": 2}} for n in range(50)}
    for count in (0, nights):
        with open_directory(work / f"{count}.db", KeySource(file=work / "key")) as directory:
            with directory.transaction() as conn:
                for night in range(count):
                    begun = (today - timedelta(days=count - night)).isoformat(timespec="seconds")
                    past = PastRun(night + 1, Kind.PUSH, State.DONE, begun, begun, "ann", "files", "0" * 16, did)
                    record_run(conn, 1, replace(past, job="nightly"))
                    record_schools(conn, 1, night + 1, schools)
                conn.info.clear()  # the receipts of runs that never were are not written
            asked: dict[str, Callable[..., object]] = {
                "latest runs": lambda c: list_runs(c, 1, limit=400),
                "what is usual": lambda c: usual(c, 1, "nightly", today.date()),
            }
            for name, ask in asked.items():
                with directory.read() as conn:
                    started = time.perf_counter()
                    ask(conn)
                    print(f"{count:6} nights  {name:14} {(time.perf_counter() - started) * 1000:7.1f} ms")


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("days", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--history", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        os.environ["ROSTERDESK_HOME"] = str(work / "home")
        os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent.parent.parent)
        if given.history:
            history(given.history, work)
        elif len(given.days) == 2:
            nightly(*given.days, given.rounds, work)
        else:
            parser.error("name two days, or --history")


if __name__ == "__main__":
    main()
