"""A source that comes back with other IDs: it is seen, held, and everybody gets the new ID in one step."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.rekeying import NewId, rekey
from rosterdesk.directory.undo import undo
from rosterdesk.errors import DirectoryChanged
from rosterdesk.matching.rekeyed import Crosswalk
from rosterdesk.model import Plan
from rosterdesk.run import Run
from tests.directory.filling import exported
from tests.directory.synced import District
from tests.rosters import ORGS, adult, classroom, enrollment, preview, push, roster, student, written

FIRST = ("Ada", "Bea", "Cleo", "Dora", "Edda", "Fay", "Gwen", "Hope", "Iris", "Jane")
LAST = ("Ashcroft", "Beckford", "Claymere", "Dunstead", "Elmhurst", "Fairwick")


def source(folder: Path, old: str = "", *, children: range = range(60), school: str = "A") -> Path:
    """Sixty children in six classes with their teachers and guardians; `old` stands before every ID."""
    users, classes, links = "", "", ""
    for n in children:
        family = LAST[n // 10]
        users += student(
            f"{old}S{n}", school, FIRST[n % 10], family, f"s{n}@school.example", f"{old}G{n}", f"{1 + n % 9:02d}"
        )
        users += adult(f"{old}G{n}", "guardian", school, "Kim", family, f"kim{n}@home.example")
        links += enrollment(f"{old}C{n // 10}", f"{old}S{n}", school=school)
    for n, family in enumerate(LAST):
        users += adult(f"{old}T{n}", "teacher", school, "Tim", family, f"t{n}@school.example")
        classes += classroom(f"{old}C{n}", school, f"Room {n}")
        links += enrollment(f"{old}C{n}", f"{old}T{n}", "teacher", school)
    orgs = ORGS.replace("\nA,,,Adams", f"\n{school},,,Adams")
    return written(roster(users, classes, links, orgs), folder)


def looked_for(directory: Directory, folder: Path) -> tuple[Plan, Crosswalk]:
    with pipeline.roster([folder], Run()) as told:
        return pipeline.preview(told, directory), pipeline.crosswalk(told, directory)


def test_new_ids_are_seen_and_given_in_one_step(directory: Directory, tmp_path: Path) -> None:
    push(directory, source(tmp_path))
    before = exported(directory, tmp_path / "x")
    again = source(tmp_path, "x", school="A9")
    plan, found = looked_for(directory, again)
    assert plan.counts["students"]["created"] == 60
    assert plan.tripped[0].message.startswith(
        "60 of 60 student IDs are gone from this source, and 60 of these students"
    )
    district = District(directory)
    assert {entity: len(ids) for entity, ids in found.ids.items()} == {
        "schools": 1, "students": 60, "staff": 6, "guardians": 60, "classrooms": 6,
    }  # fmt: skip
    assert found.unsure == {}
    assert all(new.new == f"x{new.old}" for entity, ids in found.ids.items() for new in ids if entity != "schools")
    done = rekey(directory, found.ids, "the new SIS")
    assert (done.counts["students"], done.taken) == (60, {})
    assert district.row("students", "xS7")["given_name"] == "Hope"
    _, plan = push(directory, again)
    assert plan.tripped == ()
    assert plan.empty
    assert done.run is not None
    undo(directory, done.run)
    assert exported(directory, tmp_path / "x") == before


def test_a_second_school_and_a_new_year_are_no_new_numbering(directory: Directory, tmp_path: Path) -> None:
    push(directory, source(tmp_path, children=range(30)))
    others = source(tmp_path, children=range(30, 60), school="A9")
    assert all("other IDs" not in limit.message for limit in preview(directory, others).tripped)
    assert preview(directory, source(tmp_path)).tripped == ()


def test_who_has_gone_and_who_is_new_stays_so(directory: Directory, tmp_path: Path) -> None:
    push(directory, source(tmp_path, children=range(50)))
    plan, found = looked_for(directory, source(tmp_path, "x", children=range(5, 60)))
    assert "other IDs" in plan.tripped[0].message
    assert {new.old for new in found.ids["students"]} == {f"S{n}" for n in range(5, 50)}
    rekey(directory, found.ids, "the new SIS")
    plan = preview(directory, source(tmp_path, "x", children=range(5, 60)))
    counts = plan.counts["students"]
    assert (counts["created"], counts["archived"], counts["updated"]) == (10, 5, 0)


def test_an_id_that_another_record_has_is_not_given(directory: Directory, tmp_path: Path) -> None:
    push(directory, source(tmp_path))
    district = District(directory)
    ids = tuple(NewId(district.id("students", old), old, new) for old, new in (("S1", "S2"), ("S3", "N3")))
    done = rekey(directory, {"students": ids}, "a try")
    assert (done.counts, done.taken) == ({"students": 1}, {"students": ids[:1]})
    before = exported(directory, tmp_path / "x")
    with pytest.raises(DirectoryChanged, match="no longer have the ID"):
        rekey(directory, {"students": ids[1:]}, "again")
    assert exported(directory, tmp_path / "x") == before
