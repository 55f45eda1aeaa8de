"""Scores the text reader on the Pollock benchmark of polluted CSV files (Vitagliano et al., PVLDB 16, 2023).

    python -m tests.bench.pollock POLLUTED CLEAN [--weights WEIGHTS.json] [--worst N]

POLLUTED and CLEAN are folders with files of the same names, made outside this project by the benchmark's own generator.
Each file is read without being told anything, written as clean CSV, and compared: success, and precision, recall and F1
of header, records and cells, which makes ten at best.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path

from rosterdesk.sources.clean import write_clean
from rosterdesk.sources.text import read_text

MEASURES = ("success", *(f"{what} {how}" for what in ("header", "record", "cell") for how in ("P", "R", "F1")))


def overlap(expected: Iterable[Hashable], found: Iterable[Hashable]) -> tuple[float, float, float]:
    """Precision, recall and F1 of two bags, in the paper's use of the words: precision is what share of the expected
    was found.

    All three are 1 when nothing was expected.
    """
    wanted, got = Counter(expected), Counter(found)
    if not wanted:
        return 1.0, 1.0, 1.0
    shared = (wanted & got).total()
    if not shared:
        return 0.0, 0.0, 0.0
    precision, recall = shared / wanted.total(), shared / got.total()
    return precision, recall, 2 * precision * recall / (precision + recall)


def normal(cell: str) -> str:
    """Cells of headers and records are compared without regard to case and to how a number is written."""
    if re.fullmatch(r"[+-]?\d+", cell):
        return str(int(cell))
    if re.fullmatch(r"[+-]?\d*\.\d+", cell):
        return str(float(cell))
    return cell.lower()


def compare(expected: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> list[float]:
    """The ten measures of one file that was read without an error."""
    if not expected:
        return [1.0] * len(MEASURES)
    header = overlap(map(normal, expected[0]), map(normal, found[0]) if found else ())
    records = overlap(
        ("".join(map(normal, row)) for row in expected[1:]),
        ("".join(map(normal, row)) for row in found[1:]),
    )
    cells = overlap((cell for row in expected for cell in row), (cell for row in found for cell in row))
    return [1.0, *header, *records, *cells]


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def group(name: str) -> str:
    """Files that differ only in the row and column that was polluted are one group."""
    return re.sub(r"row_(field_delimiter)_\d+", r"row_\1", re.sub(r"_?row\d+|_?col\d+|(?<=quote)\d+", "", name))


def score(polluted: Path, clean: Path, scratch: Path) -> list[float]:
    """The ten measures of one file: all 0 when reading fails."""
    result = scratch / polluted.name
    try:
        write_clean(read_text(polluted), result)
    except (OSError, ValueError, csv.Error) as error:
        print(f"{polluted.name}: {error}", file=sys.stderr)
        return [0.0] * len(MEASURES)
    return compare(rows(clean), rows(result))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("polluted", type=Path)
    parser.add_argument("clean", type=Path)
    parser.add_argument("--weights", type=Path, help="JSON object, file name to weight")
    parser.add_argument("--worst", type=int, default=0, help="also name the N files that lose most")
    given = parser.parse_args()
    weights: dict[str, float] = json.loads(given.weights.read_text()) if given.weights else {}
    scores: dict[str, list[float]] = {}
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        for path in sorted(given.polluted.glob("*.csv")):
            scores[path.name] = score(path, given.clean / path.name, Path(scratch))
    report(scores, weights, given.worst)
    print(f"{len(scores)} files in {time.perf_counter() - begun:.1f} s")


def report(scores: dict[str, list[float]], weights: dict[str, float], worst: int) -> None:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for name in scores:
        groups[group(name)].append(name)
    for title, names in groups.items():
        mean = sum(sum(scores[name]) for name in names) / len(names)
        weight = sum(weights.get(name, 0.0) for name in names)
        print(f"{title:45} {len(names):5} files  {mean:7.4f} of 10   weight {weight:7.1f}")
    for name in sorted(scores, key=lambda name: sum(scores[name]))[:worst]:
        print(f"  {name:45} {sum(scores[name]):7.4f}  " + " ".join(f"{value:.3f}" for value in scores[name]))
    simple = sum(map(sum, scores.values())) / max(len(scores), 1)
    print(f"simple   {simple:.4f}")
    if weights:
        total = sum(weights.get(name, 0.0) for name in scores)
        weighted = sum(sum(values) * weights.get(name, 0.0) for name, values in scores.items()) / total
        print(f"weighted {weighted:.4f}")


if __name__ == "__main__":
    main()
