"""The chain of receipts."""

from __future__ import annotations

import json

import pytest

from rosterdesk.jobs import receipts
from rosterdesk.jobs.receipts import Fault, append, verify


def three() -> list[str]:
    for n in range(3):
        append({"job": "nightly", "run": n})
    return receipts.file().read_text("utf-8").splitlines()


def put(lines: list[str]) -> None:
    receipts.file().write_text("".join(f"{line}\n" for line in lines), "utf-8")


def test_a_chain_that_nobody_touched_is_whole() -> None:
    three()
    assert verify() == (3, [])


def test_no_receipt_is_no_fault() -> None:
    assert verify() == (0, [])


def test_a_changed_receipt_shows() -> None:
    lines = three()
    put([lines[0], lines[1].replace('"run": 1', '"run": 7'), lines[2]])
    assert verify()[1] == [Fault(2, "This receipt was changed after it was written.")]


def test_a_receipt_that_was_changed_and_sealed_anew_shows_at_the_next() -> None:
    lines = three()
    forged = {key: value for key, value in json.loads(lines[1]).items() if key != "hash"} | {"run": 7}
    put([lines[0], receipts.sealed(forged), lines[2]])
    assert verify()[1] == [Fault(3, "One or more receipts before this one are missing or were changed.")]


@pytest.mark.parametrize("gone", [0, 1])
def test_a_missing_receipt_shows(gone: int) -> None:
    lines = three()
    del lines[gone]
    put(lines)
    assert [fault.number for fault in verify()[1]] == [gone + 1]


def test_a_cut_end_shows() -> None:
    put(three()[:2])
    assert verify() == (2, [Fault(3, "Receipts at the end are missing.")])


def test_after_a_crash_in_the_middle_of_a_line_the_chain_goes_on() -> None:
    lines = three()
    receipts.file().write_text("\n".join(lines) + "\n" + lines[2][:40], "utf-8")
    assert append({"job": "nightly", "run": 4}) == 4
    assert verify() == (4, [Fault(4, "This receipt is damaged or was cut off.")])


def test_a_number_that_is_none_shows() -> None:
    lines = three()
    lines[1] = lines[1].replace('"number": 2', '"number": "two"')
    put(lines)
    assert Fault(2, "This receipt is damaged or was cut off.") in verify()[1]
