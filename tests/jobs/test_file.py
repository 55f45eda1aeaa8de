"""Jobs as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from rosterdesk.errors import FileError, UsageError
from rosterdesk.jobs.calendar import period, schedule
from rosterdesk.jobs.file import Job, Notices, folder, load, names, remove, save

JOB = Job(
    "nightly",
    ("/srv/export", "connection:clever"),
    outlet="/srv/out",
    layout="classtag",
    zipped=True,
    minutes=30,
    schedule=schedule("02:00,14:30", "mon-fri", wake=True),
    blackouts=(period("2026-12-20..2027-01-03"),),
    additions_only_dates=(period("2026-08-01"),),
    notices=Notices(mail=("it@example.org",), smtp="mail.example.org:587", every_run=True),
)


def test_a_job_comes_back_as_it_was_saved() -> None:
    save(JOB)
    assert load("nightly") == JOB
    assert names() == ("nightly",)
    assert (folder() / "nightly.toml").stat().st_mode & 0o077 == 0


def test_a_removed_job_is_gone() -> None:
    save(JOB)
    remove("nightly")
    assert names() == ()
    with pytest.raises(UsageError, match="no job named nightly"):
        load("nightly")


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", ".hidden", "x" * 61])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't be named"):
        save(Job(name, ("/srv/export",)))


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('name = "nightly"', "name = ", "Invalid value"),
        ("rosterdesk_job = 1", "rosterdesk_job = 9", "no job that this version knows"),
        ("minutes = 30", 'minutes = "30"', "minutes"),
        ('"02:00"', '"2 am"', "no time of day"),
        ("zipped = true", 'zipped = "yes"', "zipped"),
        ("[notices]", "[notices]\ncolour = 1", "colour"),
    ],
)
def test_a_file_that_was_edited_and_broken_says_where(before: str, after: str, said: str) -> None:
    save(JOB)
    path = folder() / "nightly.toml"
    content = path.read_text("utf-8")
    assert before in content
    path.write_text(content.replace(before, after), "utf-8")
    with pytest.raises(FileError, match="can't be understood") as caught:
        load("nightly")
    assert said in caught.value.detail


def test_a_job_without_a_source_is_refused() -> None:
    with pytest.raises(UsageError, match="needs a source"):
        save(Job("nightly", ()))


def test_secrets_are_not_in_the_file(home: Path) -> None:
    save(JOB)
    assert "password" not in (folder() / "nightly.toml").read_text("utf-8")


def test_a_job_is_not_named_like_the_mapping_of_another() -> None:
    save(JOB)
    with pytest.raises(UsageError, match="can't be named"):
        load("nightly.mapping")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "nightly"', 'name = "../../elsewhere"'),
        ('name = "nightly"', 'schedule = "daily"\nname = "nightly"'),
        ("[notices]", '[notices]\nmail = "it@example.org"'),
    ],
)
def test_a_file_that_was_changed_into_something_odd_is_refused(old: str, new: str) -> None:
    save(JOB)
    file = folder() / "nightly.toml"
    text = file.read_text("utf-8")
    if "schedule =" in new:
        text = text[: text.index("[schedule]")]
    if "mail =" in new:
        text = text[: text.index("[notices]")] + "[notices]\n"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(FileError, match="can't be understood"):
        load("nightly")
