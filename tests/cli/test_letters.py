"""`directory letters` as people type it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.cli.test_cli import at, call, signals  # noqa: F401 - fixtures
from tests.directory.synced import source


@pytest.fixture
def letters(capsys: pytest.CaptureFixture[str], tmp_path: Path, at: list[str]) -> object:  # noqa: F811
    """A way to call `directory letters` on a directory that holds the source."""
    assert call(capsys, "push", source(tmp_path), "--yes", *at)[0] == 0
    return lambda *arguments: call(capsys, "directory", "letters", *arguments, *at)


def test_letters_are_written_and_the_codes_are_a_run(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at: list[str],  # noqa: F811
    letters,  # type: ignore[no-untyped-def]
) -> None:
    out = tmp_path / "letters.pdf"
    code, told, said = letters("--school", "A", "--out", out)
    assert (code, told["letters"], told["languages"], told["run"]) == (0, 2, {"en": 2}, 2)
    assert "2 letters written to" in said
    assert len(PdfReader(out).pages) == 2
    before = out.read_bytes()
    code, told, _ = letters("--classroom", "C1", "--out", out)
    assert (code, told["run"]) == (0, None)
    assert out.read_bytes() == before
    code, told, _ = letters("--without-guardian", "--labels", "--language", "es", "--out", out)
    assert (code, told["letters"], told["languages"]) == (0, 1, {"es": 1})
    assert "Código" in PdfReader(out).pages[0].extract_text()
    assert call(capsys, "history", *at)[1]["runs"][0]["source"] == "print letters to families"


@pytest.mark.parametrize(
    ("arguments", "code", "title"),
    [
        (("--school", "A", "--classroom", "C1"), 2, "A classroom is of one school already."),
        (("--language", "xx"), 2, "There is no letter in the language xx."),
        (("--school", "Z"), 2, "No record is named Z."),
        (("--school", "A", "--without-guardian"), 2, "There is nobody to write a letter to."),
    ],
)
def test_what_cannot_be_is_refused(letters, tmp_path: Path, arguments: tuple[str, ...], code: int, title: str) -> None:  # type: ignore[no-untyped-def]
    got, result, _ = letters(*arguments, "--out", tmp_path / "letters.pdf")
    assert (got, result["error"]["title"]) == (code, title)
    assert not (tmp_path / "letters.pdf").exists()


def test_where_the_file_cannot_be_written_no_code_is_given_out(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    at: list[str],  # noqa: F811
    letters,  # type: ignore[no-untyped-def]
) -> None:
    assert letters("--out", tmp_path / "nowhere" / "letters.pdf")[0] == 5
    assert len(call(capsys, "history", *at)[1]["runs"]) == 1
