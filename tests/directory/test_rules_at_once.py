"""The rules of what happens at the same moment, by number (`rules.md`): edits by two people, an edit amid a run."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from rosterdesk import pipeline
from rosterdesk.directory import classrooms
from rosterdesk.directory.edit import editing
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import list_runs
from rosterdesk.directory.permissions import Permission
from rosterdesk.errors import DirectoryChanged
from rosterdesk.run import Run
from tests.directory.conftest import Place
from tests.directory.synced import District, somebody, source, synced
from tests.rosters import push


def test_rule_80_an_edit_between_preview_and_push_is_not_lost(directory: Directory, tmp_path: Path) -> None:
    district = District(directory)
    district.sync(tmp_path)
    folder = source(tmp_path, title="Algebra", tom="tom2@example.org")
    with pipeline.roster([folder], Run()) as made:
        plan = pipeline.preview(made, directory)
        with district.edit() as edit:
            classrooms.rename(edit, district.id("classrooms", "C1"), "Maths with Tom")
        with pytest.raises(DirectoryChanged, match="has changed since the preview"):
            pipeline.apply(made, plan, directory)
    assert district.row("staff", "T1")["email"] == "tom@example.org"  # nothing of it was written
    push(directory, folder)
    assert district.row("classrooms", "C1")["title"] == "Maths with Tom"
    assert district.row("staff", "T1")["email"] == "tom2@example.org"


def test_rule_81_of_two_edits_at_one_moment_one_is_done_and_the_other_learns_of_it(
    directory: Directory, place: Place
) -> None:
    district = synced(directory)
    room = district.id("classrooms", "C1")
    with directory.read() as conn:
        seen = list_runs(conn, 1, limit=1)[0].number
    together = threading.Barrier(2, timeout=60)
    said: dict[str, str] = {}

    def rename(who: str) -> None:
        with place.open() as own:
            together.wait()
            try:
                person = somebody(Permission.DISTRICT_LEADER, who=who)
                with editing(own, "renaming", "my own", person=person, since=seen) as edit:
                    classrooms.rename(edit, room, f"{who}'s")
                said[who] = "done"
            except DirectoryChanged as error:
                said[who] = error.title

    threads = [threading.Thread(target=rename, args=(who,)) for who in ("Ann", "Bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    (first,) = (who for who, what in said.items() if what == "done")
    (second,) = said.keys() - {first}
    assert said[second].startswith(f"{first} has changed this classroom meanwhile")
    assert district.row("classrooms", room)["title"] == f"{first}'s"
    with directory.read() as conn:
        assert [run.who for run in list_runs(conn, 1)][:1] == [first]
