"""What is marked for deletion: exactly what the receiver has and the roster lacks, whatever its IDs look like."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from rosterdesk.errors import Cancelled, FileError
from rosterdesk.push.deletions import Earlier
from rosterdesk.push.folder import write
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.push.test_folder import CLASSROOMS, DISTRICT, ONEROSTER, SCHOOLS, by_id, content, district, planned, rows

__all__ = ["district"]  # the fixture
MOMENT = "2026-05-14T03:00:00.000Z"
ODD = 'g"1é;#'
ODD_ONE = {"sis_id": ODD, "role": "guardian", "given_name": "Gus", "family_name": "Ek", "email": "gus@example.org"}


@pytest.fixture
def before(run: Run, tmp_path: Path) -> Iterator[Staging]:
    """The district as the receiver has it, with a guardian whose ID a file has to quote."""
    (tmp_path / "before").mkdir()
    with Staging(run, tmp_path / "before") as staging:
        planned(staging, run, {**DISTRICT, "users": (*DISTRICT["users"], ODD_ONE)})
        yield staging


def earlier(before: Staging) -> Earlier:
    return Earlier(lambda: nullcontext(before), MOMENT)


@pytest.mark.parametrize("layout", ONEROSTER)
def test_what_stays_is_not_marked(before: Staging, staging: Staging, run: Run, tmp_path: Path, layout: str) -> None:
    planned(staging, run, {"schools": SCHOOLS, "classrooms": CLASSROOMS[:1], "users": [ODD_ONE]})
    out = tmp_path / "out"
    written = write(staging, out, run, layout=layout, earlier=earlier(before))
    users = by_id(out / "users.csv")
    assert ODD not in users
    assert {"00012", "00002", "t2", "g1"} <= set(users)
    assert list(by_id(out / "classes.csv")) == ["c1"]
    assert list(by_id(out / "courses.csv")) == ["course-0102"]
    assert not (out / "orgs.csv").exists()
    for file in written[:-1]:
        assert file.delta
        assert {(row["status"], row["dateLastModified"]) for row in rows(out / file.name)} == {("tobedeleted", MOMENT)}
    assert written[-1].name == "manifest.csv"


def test_with_nothing_to_mark_nothing_is_written(staging: Staging, run: Run, tmp_path: Path) -> None:
    planned(staging, run, {"schools": SCHOOLS})
    with pytest.raises(FileError, match="nobody to write"):
        write(staging, tmp_path / "out", run, earlier=earlier(staging))
    assert not (tmp_path / "out").exists()


def test_the_receivers_roster_is_only_looked_at_where_a_file_would_be_empty(
    district: Staging, run: Run, tmp_path: Path
) -> None:
    @contextmanager
    def opened() -> Iterator[Staging]:
        pytest.fail("there was no need")
        yield district

    write(district, tmp_path / "out", run, earlier=Earlier(opened, MOMENT))
    write(district, tmp_path / "alone", run)
    assert content(tmp_path / "out") == content(tmp_path / "alone")


def test_stopped_while_it_marks_it_changes_nothing(before: Staging, staging: Staging, run: Run, tmp_path: Path) -> None:
    write(before, tmp_path / "out", run)
    there = content(tmp_path / "out")
    planned(staging, run, {"schools": SCHOOLS})

    @contextmanager
    def opened() -> Iterator[Staging]:
        run.cancel()
        yield before

    with pytest.raises(Cancelled):
        write(staging, tmp_path / "out", run, earlier=Earlier(opened, MOMENT))
    assert content(tmp_path / "out") == there
