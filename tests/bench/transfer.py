"""How fast files go to and come from an SFTP server, against the `sftp` program, on the same server in the same run.

    python -m tests.bench.transfer [--megabytes 280] [--rounds 5]

Each round measures both, one after the other and in turn which is first, and prints the ratios; at least 0.9 is asked
for. The last line tells the median of each.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from rosterdesk.net import far, sftp, transfer
from rosterdesk.net.site import site_of
from rosterdesk.run import Run
from tests.servers.openssh import OpenSSH

ASKED = 0.9


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=280)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    server = OpenSSH()
    try:
        server.start()
        measure(server, asked.megabytes, asked.rounds)
    finally:
        server.stop()


def measure(server: OpenSSH, megabytes: int, rounds: int) -> None:
    source, got = server.folder / "source", server.folder / "got"
    with source.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(1_000_000))
    source.chmod(0o644)
    site, run = site_of(server.connection()), Run()

    def put() -> None:
        with sftp.signed_in(site, run) as line:
            transfer.put(line, source, "ours")

    def get() -> None:
        with sftp.signed_in(site, run) as line:
            entry = far.look(line, "ours")
            assert entry is not None
            transfer.get(line, "ours", entry, got)

    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "put": (put, lambda: server.sftp(f"put {source} theirs")),
        "get": (get, lambda: server.sftp(f"get theirs {got}")),
    }
    ratios: dict[str, list[float]] = {name: [] for name in pairs}
    print(f"{megabytes} MB; MB/s of RosterDesk, of sftp, and their ratio")
    for number in range(rounds):
        for name, works in pairs.items():
            times = [0.0, 0.0]
            for which in (0, 1) if number % 2 else (1, 0):
                fresh(server.home / ("ours", "theirs")[which] if name == "put" else got)
                times[which] = seconds(works[which])
                arrived = server.home / ("ours", "theirs")[which] if name == "put" else got
                assert arrived.stat().st_size == source.stat().st_size
            ratios[name].append(times[1] / times[0])
            print(f"{name}  {megabytes / times[0]:6.0f}  {megabytes / times[1]:6.0f}  {ratios[name][-1]:5.2f}")
    for name, found in ratios.items():
        middle = statistics.median(found)
        print(
            f"{name}  median {middle:.2f} (at least {ASKED} asked): {'reached' if middle >= ASKED else 'NOT reached'}"
        )


def fresh(path: Path) -> None:
    path.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
