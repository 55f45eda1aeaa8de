"""The faulty rows: found where they stand in the source, with what was fixed in them, and written as a workbook."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from rosterdesk import checks, mapping, pipeline
from rosterdesk.checks import faulty
from rosterdesk.mapping.fixes import Fix, fixes, row_digest, with_fixes
from rosterdesk.run import Run

USERS = """sourcedId,role,givenName,familyName,email,orgSourcedIds
T1,teacher,Tom,Roe,tom@example.org,A
G1,guardian,Gia,Wu,gia.example.org,A
S1,student,Ana,Wu,,A
,student,Ben,Wu,,A
S3,student,Cem,Wu,,B
"""
ORGS = "sourcedId,name,type\nA,Alder,school\n"


def source(folder: Path) -> Path:
    made = folder / "source"
    made.mkdir()
    (made / "users.csv").write_text(USERS, "utf-8")
    (made / "orgs.csv").write_text(ORGS, "utf-8")
    return made


def test_rows_stand_as_they_were_read_with_the_faulty_column_first(tmp_path: Path, run: Run) -> None:
    with pipeline.roster([source(tmp_path)], run) as made:
        staging, reading = made.staging, made.reading
        assert faulty.tables_with(staging, reading, "unknown-school") == [("users", 1)]
        found = faulty.show(staging, reading, "unknown-school", "users")
        assert (found.columns[0], found.count) == ("orgSourcedIds", 1)
        row = staging.rows("select * from shown")[0]
        assert row[2:6] == ("orgSourcedIds", 6, "B", "S3")


def test_each_place_finds_its_own_row(tmp_path: Path, run: Run) -> None:
    with pipeline.roster([source(tmp_path)], run) as made:
        for code, row, name in (("bad-email", 3, "Gia"), ("missing-id", 5, "Ben")):
            found = faulty.show(made.staging, made.reading, code, "users")
            place = len(faulty.LEAD) + found.columns.index("givenName")
            assert [(r[3], r[place]) for r in made.staging.rows("select * from shown")] == [(row, name)]


def test_a_fix_is_made_by_the_id_of_its_row_and_shown(tmp_path: Path, run: Run) -> None:
    folder = source(tmp_path)
    with pipeline.roster([folder], run) as made:
        fix = Fix("users", "email", "gia.example.org", "gia@example.org", "G1", "sourcedId")
        changed = with_fixes(made.mapping, [fix])
    with pipeline.roster([folder], run, chosen=changed) as made:
        assert made.staging.rows("select email from incoming.guardians") == [("gia@example.org",)]
        assert "bad-email" not in {group.code for group in checks.summary(made.staging)}
        assert made.staging.rows("select count(*) from raw.users where email = 'gia.example.org'") == [(1,)]


def test_a_row_without_an_id_is_known_by_all_that_stands_in_it(tmp_path: Path, run: Run) -> None:
    folder = source(tmp_path)
    key = row_digest(["", "student", "Ben", "Wu", "", "A"])
    with pipeline.roster([folder], run) as made:
        changed = with_fixes(made.mapping, [Fix("users", "sourcedId", "", "S2", key)])
    with pipeline.roster([folder], run, chosen=changed) as made:
        assert made.staging.rows("select sis_id from incoming.students order by 1") == [("S1",), ("S2",)]
        found = faulty.show(made.staging, made.reading, "unknown-school", "users")
        assert found.fixed == {}


def test_fixes_are_kept_in_the_file_of_the_mapping(tmp_path: Path, run: Run) -> None:
    with pipeline.roster([source(tmp_path)], run) as made:
        fix = Fix("users", "email", "gia.example.org", 'gia"x"@example.org', "G1", "sourcedId")
        mapping.save(with_fixes(made.mapping, [fix]), tmp_path / "mapping.toml")
    assert fixes(mapping.load(tmp_path / "mapping.toml")) == (fix,)


def test_a_fix_that_is_taken_back_is_gone(tmp_path: Path, run: Run) -> None:
    with pipeline.roster([source(tmp_path)], run) as made:
        fix = Fix("users", "email", "gia.example.org", "x@example.org", "G1", "sourcedId")
        back = Fix("users", "email", "gia.example.org", "gia.example.org", "G1", "sourcedId")
        assert with_fixes(with_fixes(made.mapping, [fix]), [back]) == made.mapping


def test_the_workbook_has_each_row_with_its_reason(tmp_path: Path, run: Run) -> None:
    with pipeline.roster([source(tmp_path)], run) as made:
        written = faulty.write(made.staging, made.reading, tmp_path / "bad.xlsx", run, ["bad-email", "unknown-school"])
    assert written == 2
    sheets = pd.read_excel(tmp_path / "bad.xlsx", sheet_name=None, engine="calamine", dtype=str)
    frame = next(iter(sheets.values()))
    assert list(frame["Row"]) == ["3", "6"]
    assert list(frame["givenName"]) == ["Gia", "Cem"]
    assert "gia.example.org" in frame["Reason"][0]
