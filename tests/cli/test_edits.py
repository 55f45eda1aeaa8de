"""`directory edit` as people type it: what it does, what it refuses and with which exit code, and who did it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_cli import at, call, signals  # noqa: F401 - fixtures
from tests.directory.synced import source

WHY = ("--why", "asked by the office")


@pytest.fixture
def edit(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> object:  # noqa: F811
    """A way to call `directory edit` on a directory that holds the source."""
    assert call(capsys, "push", source(tmp_path), "--yes", *at)[0] == 0
    return lambda *arguments: call(capsys, "directory", "edit", *arguments, *WHY, *at)


def test_an_edit_is_a_run_that_history_tells_and_undo_takes_back(
    capsys: pytest.CaptureFixture[str],
    at: list[str],  # noqa: F811
    edit,  # type: ignore[no-untyped-def]
) -> None:
    code, done, _ = edit("rename-classroom", "C1", "Maths with Tom")
    assert (code, done) == (0, {"run": 2, "made": None, "counts": {"classrooms": {"updated": 1}}})
    code, done, said = edit("rename-classroom", "C1", "Maths with Tom")
    assert (code, done["run"]) == (0, None)
    assert "It was so already" in said
    latest = call(capsys, "history", *at)[1]["runs"][0]
    assert (latest["kind"], latest["source"], latest["why"]) == (
        "edit",
        "rename a classroom, also a synced one, which keeps the name",
        "asked by the office",
    )
    assert call(capsys, "undo", "2", *at)[0] == 0


def test_made_records_are_named_by_their_numbers(edit) -> None:  # type: ignore[no-untyped-def]
    room = edit("create-classroom", "A", "Chess")[1]["made"]
    assert edit("assign-student", f"#{room}", "S1")[0] == 0
    assert edit("unassign", f"#{room}", "students", "S1")[0] == 0
    codes = edit("join-codes", "S1", "S3")[1]["made"]
    assert set(codes) == {"S1", "S3"}
    details = ("given_name=Aunt", "family_name=Wu", "email=aunt@example.org")
    guardian = edit("redeem-code", codes["S3"], *details, "--relationship", "aunt")[1]["made"]
    assert edit("contact", "guardians", f"#{guardian}", "email=", "sms=+12025550123")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        (("assign-student", "C1", "S1"), "Students can't be assigned by hand to a synced classroom"),
        (("add-student", "A", "given_name=A", "family_name=B"), "While the sync is on, no student can be added"),
        (("archive", "students", "S1"), "A synced student can't be archived by hand"),
        (("contact", "guardians", "G1", "email=x@example.org"), "This person has not signed in yet"),
        (("rename-classroom", "C9", "X"), "No record is named C9."),
        (("contact", "guardians", "G1", "email"), "email sets nothing."),
        (("archive", "cats", "S1"), "cats is no kind of person."),
        (("settings", "colour=red"), "There is no setting colour."),
    ],
)  # fmt: skip
def test_what_is_refused_names_the_rule_and_exits_2(edit, arguments: tuple[str, ...], title: str) -> None:  # type: ignore[no-untyped-def]
    code, result, _ = edit(*arguments)
    assert code == 2
    assert result["error"]["title"].startswith(title)
    assert result["error"]["advice"]


def test_permissions_hold_for_whom_the_owner_acts_as(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at: list[str],  # noqa: F811
    edit,  # type: ignore[no-untyped-def]
) -> None:
    assert edit("grant", "ann", "school_leader", "--school", "A")[0] == 0
    assert edit("rename-classroom", "C1", "One", "--as", "ann")[0] == 0
    assert call(capsys, "history", *at)[1]["runs"][0]["who"].startswith("ann (by ")
    code, result, _ = edit("rename-classroom", "C2", "Two", "--as", "ann")
    assert (code, "in your schools" in result["error"]["title"]) == (2, True)
    code, shown, _ = call(capsys, "directory", "permissions", *at)
    assert shown == {"permissions": [{"who": "ann", "permission": "school_leader", "school": "A"}]}
    assert call(capsys, "history", "--as", "ann", *at)[1]["runs"][0]["who"].startswith("ann")
    code, result, _ = call(capsys, "directory", "export", tmp_path / "all", "--as", "ann", *at)
    assert (code, result["error"]["title"]) == (
        2,
        "The whole directory is exported by those who manage the roster of the whole district.",
    )
    assert result["error"]["advice"] == "Ask a district leader or a Rostering Administrator of the whole district."
    assert not (tmp_path / "all").exists()
    code, result, _ = call(capsys, "history", "--as", "eve", *at)
    assert (code, result["error"]["title"].startswith("Nobody has given eve")) == (2, True)
    assert edit("revoke", "ann", "school_leader", "--school", "A")[0] == 0
    assert edit("rename-classroom", "C1", "Two", "--as", "ann")[0] == 2


def test_a_later_change_by_somebody_else_is_told(edit) -> None:  # type: ignore[no-untyped-def]
    assert edit("rename-classroom", "C1", "One")[0] == 0
    code, result, _ = edit("rename-classroom", "C1", "Two", "--since", "1")
    assert (code, "has changed this classroom meanwhile" in result["error"]["title"]) == (7, True)


def test_settings_are_explained_and_set_for_a_school(
    capsys: pytest.CaptureFixture[str],
    at: list[str],  # noqa: F811
    edit,  # type: ignore[no-untyped-def]
) -> None:
    assert edit("settings", "manage_guardians=off", "--school", "B")[0] == 0
    assert call(capsys, "directory", "settings", *at)[1]["settings"]["manage_guardians"] == "on"
    code, shown, said = call(capsys, "directory", "settings", "--school", "B", *at)
    assert (code, shown["settings"]["manage_guardians"]) == (0, "off")
    assert "Guardians in the source are ignored" in " ".join(said.split())
