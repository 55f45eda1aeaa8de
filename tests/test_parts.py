"""Parts of a roster and deltas, whose links lead to records that only the directory has: CSV in, exported CSV out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from rosterdesk import pipeline
from rosterdesk.directory import schema
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.settings import set_settings
from rosterdesk.directory.undo import undo
from rosterdesk.run import Run
from tests.directory.conftest import (  # noqa: F401 - fixtures
    Place,
    embedded_place,
    place,
    postgres,
    shared_place,
)
from tests.rosters import (
    ENROLLMENTS,
    ORGS_HEADER,
    USERS,
    adult,
    classroom,
    enrollment,
    exported,
    preview,
    problems,
    push,
    roster,
    rows,
    student,
    written,
)

WHOLE = roster(
    student("S1", given="Mei", guardians="G1")
    + student("S2", given="Bo")
    + student("S3", given="Cy")
    + adult("G1", "parent", email="g1@example.org")
    + adult("G2", "parent", given="Lee", email="g2@example.org")
    + adult("T1", "teacher"),
    classroom("C1") + classroom("C2", title="Room 2"),
    enrollment("C1", "S1") + enrollment("C1", "S2") + enrollment("C1", "T1", "teacher") + enrollment("C2", "S3"),
)
DELTA = "propertyName,value\noneroster.version,1.1\n"


@pytest.fixture
def directory(place: Place) -> Iterator[Directory]:  # noqa: F811
    with place.open() as opened:
        yield opened


def links(directory: Directory, folder: Path) -> set[tuple[str, ...]]:
    return set(rows(exported(directory, folder)["enrollments.csv"], "class_sis_id", "user_sis_id", "role"))


def families(directory: Directory, folder: Path) -> set[tuple[str, ...]]:
    return set(rows(exported(directory, folder)["guardianships.csv"], "student_sis_id", "guardian_sis_id"))


def planned(directory: Directory, folder: Path) -> tuple[dict[str, dict[str, int]], list[tuple[str, int, str]]]:
    """The changes of a source, and the problems of links that are left."""
    with pipeline.roster([folder], Run()) as made:
        plan = pipeline.preview(made, directory)
        found = made.staging.rows("""select code, row, value from problems
            where code like 'dangling-%' or code in ('contact-waits', 'enrollment-without-id') order by all""")
    return {name: dict(counts) for name, counts in plan.counts.items()}, found


def enrolled(*more: str, header: str = ENROLLMENTS) -> str:
    return header + "".join(more)


def test_a_delta_of_enrollments_leads_to_records_of_the_directory(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    before = exported(directory, tmp_path)
    delta = {
        "manifest.csv": DELTA + "file.enrollments,delta\n",
        "enrollments.csv": enrolled(
            enrollment("C2", "S1").replace(",,,", ",active,2026-02-01,", 1),
            enrollment("C1", "S2").replace(",,,", ",tobedeleted,2026-02-01,", 1),
            enrollment("C1", "T1", "teacher").replace(",,,", ",active,2026-02-01,", 1).replace("false", "true"),
            enrollment("C2", "S9").replace(",,,", ",active,2026-02-01,", 1),
            enrollment("C9", "S1").replace(",,,", ",active,2026-02-01,", 1),
            enrollment("C9", "S9").replace(",,,", ",active,2026-02-01,", 1),
        ),
    }
    folder = written(delta, tmp_path)
    assert {(code, row) for code, _, row in problems(folder) if code.startswith("dangling")} == {
        ("dangling-classroom", row) for row in (2, 4, 5, 6, 7)
    }
    _, left = planned(directory, folder)
    assert left == [
        ("dangling-classroom", 6, "C9"),
        ("dangling-classroom", 7, "C9"),
        ("dangling-person", 5, "S9"),
    ]
    number, plan = push(directory, folder)
    assert plan.counts["enrollments"] == {"created": 2, "removed": 2}
    assert plan.counts["students"] == {"created": 0, "updated": 0, "archived": 0, "restored": 0, "merged": 0}
    found = exported(directory, tmp_path)
    assert set(rows(found["enrollments.csv"], "class_sis_id", "user_sis_id", "is_primary")) == {
        ("C1", "S1", "0"),
        ("C2", "S1", "0"),
        ("C2", "S3", "0"),
        ("C1", "T1", "1"),
    }
    assert preview(directory, folder).empty
    undo(directory, number)
    assert exported(directory, tmp_path) == before


def test_a_file_of_enrollments_only_adds_and_takes_nothing_away(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    before = links(directory, tmp_path)
    push(directory, written({"enrollments.csv": enrolled(enrollment("C2", "S1"), enrollment("C2", "S2"))}, tmp_path))
    assert links(directory, tmp_path) == before | {("C2", "S1", "student"), ("C2", "S2", "student")}


def test_a_new_student_of_a_delta_joins_a_classroom_of_the_directory(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    schools = exported(directory, tmp_path)["schools.csv"]
    delta = {
        "manifest.csv": DELTA + "file.users,delta\nfile.enrollments,delta\n",
        "users.csv": USERS
        + student("S4", given="Di", guardians="G1,G7").replace("S4,,", "S4,active,2026-02-01", 1)
        + adult("G9", "parent", email="g9@example.org")
        .replace("G9,,", "G9,active,2026-02-01", 1)
        .replace(",,,\n", ',,"S2,S8",\n'),
        "enrollments.csv": enrolled(enrollment("C1", "S4").replace(",,,", ",active,2026-02-01,", 1)),
    }
    folder = written(delta, tmp_path)
    _, left = planned(directory, folder)
    assert left == [("dangling-guardian", 2, "G7"), ("dangling-student", 3, "S8")]
    push(directory, folder)
    assert ("C1", "S4", "student") in links(directory, tmp_path)
    assert families(directory, tmp_path) == {("S1", "G1"), ("S4", "G1"), ("S2", "G9")}
    assert exported(directory, tmp_path)["schools.csv"] == schools
    assert preview(directory, folder).empty


GUARDIANS = "studentSourcedId,sourcedId,givenName,familyName,email,sms,phone,language\n"


def test_a_guardian_file_beside_nothing(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    before = exported(directory, tmp_path)
    file = (
        GUARDIANS + "S1,G1,Pat,Roe,g1@example.org,,,\nS2,G2,Lee,Roe,g2@example.org,,,\nS3,G3,Ida,Ng,i@example.org,,,\n"
    )
    file += "S8,G8,Flo,Ng,f@example.org,,,\n"
    folder = written({"guardians.csv": file}, tmp_path)
    counts, left = planned(directory, folder)
    assert counts["guardianships"] == {"created": 2, "removed": 0}
    assert left == [("dangling-student", 5, "S8")]
    number, _ = push(directory, folder)
    assert families(directory, tmp_path) == {("S1", "G1"), ("S2", "G2"), ("S3", "G3")}
    assert preview(directory, folder).empty
    undo(directory, number)
    assert exported(directory, tmp_path) == before


def test_a_guardian_file_archives_nobody(directory: Directory, tmp_path: Path) -> None:
    """G1's child is archived, and G2 has none: neither is the file's to tell of."""
    push(directory, written(WHOLE, tmp_path))
    gone = {"users.csv": USERS + student("S1", given="Mei").replace("S1,,", "S1,tobedeleted,2026-02-01", 1)}
    push(directory, written({"manifest.csv": DELTA + "file.users,delta\n", **gone}, tmp_path))
    file = {"guardians.csv": GUARDIANS + "S3,G3,Ida,Ng,i@example.org,,,\n"}
    counts, _ = planned(directory, written(file, tmp_path))
    assert counts["guardians"] == {"created": 1, "updated": 0, "archived": 0, "restored": 0, "merged": 0}
    assert counts["guardianships"] == {"created": 1, "removed": 0}


def test_contacts_without_ids_find_their_student_in_the_directory(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    file = GUARDIANS + "S2,,Ida,Ng,i@example.org,,,\nS8,,Flo,Ng,f@example.org,,,\n"
    folder = written({"guardians.csv": file}, tmp_path)
    assert [p[0] for p in problems(folder) if p[0] == "contact-waits"] == ["contact-waits"] * 2
    counts, left = planned(directory, folder)
    assert (counts["guardians"]["created"], counts["guardianships"]["created"]) == (1, 1)
    assert left == [("contact-waits", 3, "S8")]
    push(directory, folder)
    assert preview(directory, folder).empty


def test_who_a_full_file_no_longer_has_is_no_end_of_a_link(directory: Directory, tmp_path: Path) -> None:
    """The students are told in full: S3 is gone, and an old enrollment does not hold them."""
    push(directory, written(WHOLE, tmp_path))
    fewer = dict(WHOLE)
    fewer["users.csv"] = fewer["users.csv"].replace(student("S3", given="Cy"), "")
    fewer["enrollments.csv"] += enrollment("C1", "S3")
    counts, left = planned(directory, written(fewer, tmp_path))
    assert counts["students"]["archived"] == 1
    assert counts["enrollments"] == {"created": 0, "removed": 0}
    assert left == [("dangling-person", 5, "S3"), ("dangling-person", 6, "S3")]


def test_a_mistyped_id_takes_nobody_out_of_a_classroom(directory: Directory, tmp_path: Path) -> None:
    people = "".join(student(s, given=n) for s, n in (("10234", "Al"), ("10999", "Bo"), ("10777", "Cy")))
    full = roster(people, classroom("C1"), "".join(enrollment("C1", s) for s in ("10234", "10999", "10777")))
    push(directory, written(full, tmp_path))
    wrong = dict(full)
    wrong["enrollments.csv"] = enrolled(enrollment("C1", "10777"), enrollment("C1", "10243"))
    counts, left = planned(directory, written(wrong, tmp_path))
    assert counts["enrollments"] == {"created": 0, "removed": 1}  # 10999 is gone, 10234 may be meant
    assert left == [("dangling-person", 3, "10243")]


def test_a_mistyped_guardian_takes_no_family_link_away(directory: Directory, tmp_path: Path) -> None:
    whole = dict(WHOLE)
    whole["users.csv"] += student("S5", given="Ed", guardians="G2")
    push(directory, written(whole, tmp_path))
    wrong = dict(whole)
    wrong["users.csv"] = whole["users.csv"].replace(",,,G1,05", ",,,G11,05")
    counts, left = planned(directory, written(wrong, tmp_path))
    assert counts["guardianships"] == {"created": 0, "removed": 0}
    assert left == [("dangling-guardian", 2, "G11")]
    wrong["users.csv"] = whole["users.csv"].replace(",,,G1,05", ",,,X77,05")
    counts, _ = planned(directory, written(wrong, tmp_path))
    assert counts["guardianships"] == {"created": 0, "removed": 1}


def test_an_id_that_lost_some_of_its_zeros_is_known(directory: Directory, tmp_path: Path) -> None:
    people = student("000123", given="Al") + student("000456", given="Bo")
    full = roster(people, classroom("C1"), enrollment("C1", "000123") + enrollment("C1", "000456"))
    push(directory, written(full, tmp_path))
    damaged = dict(full)
    damaged["enrollments.csv"] = enrolled(enrollment("C1", "000456"), enrollment("C1", "0123"))
    folder = written(damaged, tmp_path)
    assert ("id-lost-zeros", "enrollments", 3) in problems(folder)
    assert preview(directory, folder).empty


def by_hand(directory: Directory) -> None:
    """A person makes T1 a teacher of C2, and G2 a guardian of S2."""
    with directory.transaction() as connection:
        ids = {
            sis_id: record
            for table in (schema.classrooms, schema.students, schema.staff, schema.guardians)
            for sis_id, record in connection.execute(sa.select(table.c.sis_id, table.c.id))
        }
        mine = {"district": directory.district, "synced": 0, "created_run": 1}
        teaches = {"classroom": ids["C2"], "person": ids["T1"], "role": "teacher", "is_primary": 0}
        connection.execute(schema.enrollments.insert().values(**mine, **teaches))
        family = {"student": ids["S2"], "guardian": ids["G2"], "relationship": "aunt"}
        connection.execute(schema.guardianships.insert().values(**mine, **family))
        connection.execute(schema.snapshot.delete())
        directory.bump(connection)


def test_a_link_that_people_made_stays_theirs_though_the_sync_brings_it(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    by_hand(directory)
    before = exported(directory, tmp_path)
    both = dict(WHOLE)
    both["users.csv"] = both["users.csv"].replace(student("S2", given="Bo"), student("S2", given="Bo", guardians="G2"))
    both["enrollments.csv"] += enrollment("C2", "T1", "teacher").replace("false", "true")
    assert preview(directory, written(both, tmp_path)).empty
    both["users.csv"] = both["users.csv"].replace("S3,,,true,A,student,S3,Cy", "S3,,,true,A,student,S3,Cyd")
    out = tmp_path / "out"
    with pipeline.roster([written(both, tmp_path)], Run()) as made:
        plan = pipeline.preview(made, directory)
        assert plan.size == plan.counts["students"]["updated"] == 1
        number = pipeline.apply(made, plan, directory, outlet=out)
    assert "C2,A,T1,teacher" in (out / "enrollments.csv").read_text("utf-8")
    assert [
        r for r in rows((out / "users.csv").read_text("utf-8"), "sourcedId", "agentSourcedIds") if r[0] == "S2"
    ] == [("S2", "G2")]
    after = exported(directory, tmp_path)
    assert {n: t for n, t in after.items() if "ships" in n or "enroll" in n} == {
        n: t for n, t in before.items() if "ships" in n or "enroll" in n
    }
    # From the snapshot that the push has drawn: no change either, and what the source drops stays.
    assert preview(directory, written(both, tmp_path)).empty
    undo(directory, number)
    assert exported(directory, tmp_path) == before
    assert preview(directory, written(WHOLE, tmp_path)).empty


def test_schools_that_only_ids_name_keep_their_names(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    before = exported(directory, tmp_path)["schools.csv"]
    for orgs in ("", ORGS_HEADER):
        counts, _ = planned(directory, written({**WHOLE, "orgs.csv": orgs} if orgs else _without_orgs(), tmp_path))
        assert counts["schools"] == {"created": 0, "updated": 0, "archived": 0, "restored": 0, "merged": 0}
    push(directory, written(_without_orgs() | {"users.csv": USERS + student("S6", "N", given="Fay")}, tmp_path))
    after = exported(directory, tmp_path)["schools.csv"]
    assert after.replace("N,,N,,,active\n", "") == before


def _without_orgs() -> dict[str, str]:
    return {name: text for name, text in WHOLE.items() if name != "orgs.csv"}


def test_a_part_for_an_outlet_writes_the_whole_directory(directory: Directory, tmp_path: Path) -> None:
    push(directory, written(WHOLE, tmp_path))
    out = tmp_path / "out"
    with pipeline.roster([written({"enrollments.csv": enrolled(enrollment("C2", "S1"))}, tmp_path)], Run()) as made:
        pipeline.apply(made, pipeline.preview(made, directory), directory, outlet=out)
    written_links = rows((out / "enrollments.csv").read_text("utf-8"), "classSourcedId", "userSourcedId")
    assert written_links == [("C1", "S1"), ("C1", "S2"), ("C1", "T1"), ("C2", "S1"), ("C2", "S3")]


def test_the_phone_column_may_be_the_one_to_sign_in_with(directory: Directory, tmp_path: Path) -> None:
    head = GUARDIANS + "S1,G4,Ida,Ng,,,(202) 555-0147,\nS1,G5,Flo,Ng,,(202) 555-0148,,\nS2,G6,Eve,Wu,,,1111111,\n"
    push(directory, written(WHOLE, tmp_path))
    folder = written({"guardians.csv": head}, tmp_path)
    with pipeline.roster([folder], Run()) as made:
        plan = pipeline.preview(made, directory)
        assert [r[0] for r in made.staging.rows("select sis_id from incoming.guardians")] == ["G5"]
    with directory.transaction() as connection:
        set_settings(connection, directory.district, {"phone_column": "phone"})
    number, plan = push(directory, folder)
    assert (plan.counts["guardians"]["created"], plan.counts["guardianships"]["created"]) == (1, 1)
    found = exported(directory, tmp_path)
    assert ("G4", "", "+12025550147") in rows(found["guardians.csv"], "sis_id", "sms", "phone")
    assert preview(directory, folder).empty
    with pipeline.roster([folder], Run()) as made:
        pipeline.preview(made, directory)
        assert made.staging.rows("""select code, row, column_name from problems
            where code in ('no-contact', 'placeholder-mobile') order by all""") == [
            ("no-contact", 3, "email"),
            ("no-contact", 4, "email"),
            ("placeholder-mobile", 4, "phone"),
        ]
    undo(directory, number)


def test_an_older_run_waits_for_those_that_stand_on_it(directory: Directory, tmp_path: Path) -> None:
    from rosterdesk.errors import UsageError

    empty = exported(directory, tmp_path)
    first, _ = push(directory, written(WHOLE, tmp_path))
    second, _ = push(directory, written({"enrollments.csv": enrolled(enrollment("C2", "S1"))}, tmp_path))
    third, plan = push(directory, written(WHOLE, tmp_path))
    assert plan.counts["enrollments"] == {"created": 0, "removed": 1}
    nothing, _ = push(directory, written(WHOLE, tmp_path))
    with pytest.raises(UsageError, match=f"Run {nothing} changed nothing"):
        undo(directory, nothing)
    with pytest.raises(UsageError, match=f"yet: run {third} changed"):
        undo(directory, first)
    undo(directory, third)
    with pytest.raises(UsageError, match=f"yet: run {second} changed"):
        undo(directory, first)
    undo(directory, second)
    undo(directory, first)
    assert exported(directory, tmp_path) == empty
