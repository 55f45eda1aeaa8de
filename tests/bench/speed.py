"""The speed of preview and push on a synthetic district, against what engines a user would pick instead, in the same
run.

    python tests/bench/speed.py --tools ../shared/tools [--students 50000 1000000] [--rounds 3] [--work DIR]

`--tools` holds `district.py` (makes the districts) and `peers.py` (the peers). Prints one line a measurement and the
ratios; asserts
nothing, since machines differ. The peers only read, look for duplicates and dangling references, and count what
changed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PEERS = ("duckdb", "pandas", "polars")


def rosterdesk(*arguments: str | Path) -> dict[str, float]:
    """Run the program as its users do; its own JSON, with `wall` the seconds of the whole process."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "rosterdesk", *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    wall = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"rosterdesk {arguments[0]}: exit {done.returncode}\n{done.stderr}")
    return {**json.loads(done.stdout), "wall": round(wall, 2)}


def peer(tools: Path, engine: str, old: Path, new: Path) -> dict[str, float]:
    """Run one peer on two days."""
    done = subprocess.run(
        [sys.executable, str(tools / "peers.py"), engine, str(old), str(new)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def changes(result: dict[str, float]) -> int:
    """How many changes a run made in all."""
    return sum(n for counts in result["changes"].values() for n in counts.values())  # type: ignore[attr-defined]


def measure(students: int, tools: Path, work: Path, rounds: int, peers: tuple[str, ...]) -> None:
    """Measure one size of district and print it."""
    district = work / f"district-{students}"
    if not (district / "day2").exists():
        subprocess.run(
            [sys.executable, str(tools / "district.py"), str(district), "--students", str(students)], check=True
        )
    day1, day2 = district / "day1", district / "day2"
    found: dict[str, list[float]] = {}
    peak: dict[str, float] = {}

    def note(what: str, seconds: float, mib: float) -> None:
        found.setdefault(what, []).append(seconds)
        peak[what] = max(peak.get(what, 0), mib)

    for _ in range(rounds):
        folder = Path(tempfile.mkdtemp(dir=work))
        at = ("--directory", folder / "directory.db", "--key-file", folder / "key")
        try:
            first = rosterdesk("push", day1, *at)
            note("first push", first["wall"], first["peak_mib"])
            again = rosterdesk("push", day1, *at)
            note("second push", again["wall"], again["peak_mib"])
            assert changes(again) == 0, "the same files change nothing"
            for engine in peers:
                result = peer(tools, engine, day1, day2)
                note(engine, result["seconds"], result["peak_mib"])
            preview = rosterdesk("preview", day2, *at)
            note("preview", preview["wall"], preview["peak_mib"])
        finally:
            shutil.rmtree(folder)
    middle = {what: statistics.median(values) for what, values in found.items()}
    print(f"\n{students:,} students, median of {rounds}")
    for what, seconds in middle.items():
        print(f"  {what:12} {seconds:8.2f} s  {peak[what]:7.0f} MiB   {min(found[what]):.2f} .. {max(found[what]):.2f}")
    for engine in peers:
        print(f"  preview / {engine}: {middle['preview'] / middle[engine]:.2f}")
    print(f"  second push / preview: {middle['second push'] / middle['preview']:.2f}", flush=True)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--students", type=int, nargs="+", default=[50_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", nargs="*", default=list(PEERS))
    parser.add_argument("--work", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for students in options.students:
            measure(students, options.tools, options.work or Path(temporary), options.rounds, tuple(options.peers))


if __name__ == "__main__":
    main()
