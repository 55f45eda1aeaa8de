"""Letters to families: for whom, in which language, with which code; and a PDF that is the same each time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pypdf import PdfReader

from rosterdesk import paths
from rosterdesk.directory import classrooms, contacts, joincodes, letterfile, letters
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.letterfile import Form, print_letters
from rosterdesk.directory.letters import Letter
from rosterdesk.directory.permissions import Permission
from rosterdesk.errors import Cancelled, FileError, NotAllowed, UsageError
from rosterdesk.run import Run
from tests.directory.synced import District, somebody, synced

ANA = Letter("Ana Núñez", "Lincoln", "ABCDEFGH", "es", "S1")
BEN = Letter("Ben O'Neil", "Lincoln", "JKLMNPQR", "", "S2")


@pytest.fixture
def district(directory: Directory) -> District:
    return synced(directory)


def pages(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def names(made: tuple[Letter, ...]) -> list[str]:
    return [one.student for one in made]


def test_letters_go_to_a_school_a_classroom_or_those_without_a_guardian(district: District) -> None:
    with district.edit() as edit:
        assert names(letters.write(edit)) == ["Mei Wu", "Sol Wu", "Bo Ash"]
        assert names(letters.write(edit, school=district.id("schools", "B"))) == ["Bo Ash"]
        assert names(letters.write(edit, classroom=district.id("classrooms", "C1"))) == ["Mei Wu", "Sol Wu"]
        assert names(letters.write(edit, without_guardian=True)) == ["Bo Ash"]
        with pytest.raises(UsageError, match="nobody to write a letter to"):
            letters.write(edit, school=district.id("schools", "A"), without_guardian=True)


def test_codes_are_made_once_and_stay(district: District) -> None:
    with district.edit() as edit:
        first = letters.write(edit)
        assert edit.counts["join_codes"]["created"] == 3
    with district.edit() as edit:
        assert letters.write(edit) == first
        assert not edit.counts
        mei = district.id("students", "S1")
        assert joincodes.give(edit, [mei])[mei] == first[0].code


def test_the_language_is_the_familys(district: District) -> None:
    with district.edit() as edit:
        contacts.change(edit, "guardians", district.id("guardians", "G1"), {"language": "es"})
        assert [one.language for one in letters.write(edit)] == ["es", "es", ""]


def test_nobody_gets_letters_of_another_school(district: District) -> None:
    staff = somebody(Permission.STAFF, district.id("schools", "A"))
    with district.edit(staff) as edit:
        assert names(letters.write(edit)) == ["Mei Wu", "Sol Wu"]
        with pytest.raises(UsageError, match="no school"):
            letters.write(edit, school=district.id("schools", "B"))
        with pytest.raises(UsageError, match="no classroom"):
            letters.write(edit, classroom=district.id("classrooms", "C2"))
    with (
        district.edit(somebody(Permission.USERS_MANAGER, district.id("schools", "A"))) as edit,
        pytest.raises(NotAllowed, match="Join codes are given out by the school's staff"),
    ):
        letters.write(edit)


def test_a_manual_student_in_a_classroom_gets_one_too(district: District) -> None:
    with district.edit() as edit:
        chess = classrooms.create(edit, district.id("schools", "A"), "Chess")
        classrooms.add_student(edit, chess, district.id("students", "S2"))
        assert names(letters.write(edit, classroom=chess)) == ["Sol Wu"]


def test_each_letter_is_a_page_in_its_language(tmp_path: Path) -> None:
    told = print_letters([ANA, BEN], tmp_path / "letters.pdf")
    assert (told.letters, told.languages, told.unwritten) == (2, {"es": 1, "en": 1}, ())
    spanish, english = pages(tmp_path / "letters.pdf")
    assert "Únase a Lincoln" in spanish
    assert "A la familia de Ana Núñez" in spanish
    assert "ABCD-EFGH" in spanish
    assert "To the family of Ben O'Neil" in english
    assert "JKLM-NPQR" in english
    print_letters([ANA, BEN], tmp_path / "all.pdf", language="en")
    assert "To the family of Ana Núñez" in pages(tmp_path / "all.pdf")[0]


def test_the_same_letters_are_the_same_bytes(tmp_path: Path) -> None:
    for form in Form:
        print_letters([ANA, BEN], tmp_path / "1.pdf", form=form)
        print_letters([ANA, BEN], tmp_path / "2.pdf", form=form)
        assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()


def test_labels_stand_thirty_on_a_sheet(tmp_path: Path) -> None:
    print_letters([ANA] * 31, tmp_path / "labels.pdf", form=Form.LABELS)
    first, second = pages(tmp_path / "labels.pdf")
    assert first.count("Código: ABCD-EFGH") == 30
    assert second.count("Código: ABCD-EFGH") == 1


def test_scripts_that_the_font_has_are_written_and_others_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    has = ["Łukasz Śliwonik", "Adéọlá Adéyẹmíkan", "Ольга Шевченко", "Ελένη", "ليلى", "נועה", "Nguyễn Ánh"]
    lacks = Letter("王小明", "Lincoln", "ABCDEFGH", "zh", "S9")
    made = [Letter(name, "Lincoln", "ABCDEFGH", "") for name in has]
    told = print_letters([*made, lacks], tmp_path / "letters.pdf")
    assert told.unwritten == (lacks,)
    assert capfd.readouterr() == ("", "")  # a name is never told to a log or a screen
    assert "Ольга Шевченко" in pages(tmp_path / "letters.pdf")[2]


def test_own_templates_are_used_and_damaged_ones_named(tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(paths.RESOURCES / "letters", own)
    english = (own / "en.toml").read_text("utf-8")
    (own / "en.toml").write_text(english.replace("How to join", "Three steps"), "utf-8")
    print_letters([BEN], tmp_path / "letters.pdf", templates=own)
    assert "Three steps" in pages(tmp_path / "letters.pdf")[0]
    (own / "en.toml").write_text(english.replace("{code}", "{password}"), "utf-8")
    with pytest.raises(FileError, match=r"The letter's template en\.toml can't be used"):
        letterfile.read_templates(own)
    (own / "en.toml").unlink()
    with pytest.raises(FileError, match="no English template"):
        letterfile.read_templates(own)


def test_a_stopped_or_impossible_print_leaves_nothing(tmp_path: Path) -> None:
    run = Run()
    run.cancel()
    with pytest.raises(Cancelled):
        print_letters([ANA], tmp_path / "letters.pdf", run=run)
    (tmp_path / "taken.pdf").mkdir()
    with pytest.raises(FileError, match=r"taken\.pdf could not be written"):
        print_letters([ANA], tmp_path / "taken.pdf")
    with pytest.raises(FileError):
        print_letters([ANA], tmp_path / "nowhere" / "letters.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken.pdf"]


@pytest.mark.parametrize("name", ["en", "es"])
def test_the_templates_say_all_three_things(name: str) -> None:
    text = letterfile.read_templates(letterfile.folder())[name]
    whole = str(text)
    assert all(place in whole for place in ("{student}", "{school}", "{code}"))
    assert text["language"] == name
