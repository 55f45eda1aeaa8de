"""Random hand edits, settings and syncs, one after the other, as different people: what must hold whatever the order.

No manual record is ever changed by a sync; no kept edit is lost, and every overwritten one is a line of the plan; no
person ever sees a record outside their schools; undo of the last step always returns the export before it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from rosterdesk import pipeline
from rosterdesk.directory import (
    accounts,
    archived,
    browse,
    classrooms,
    contacts,
    families,
    governing,
    joincodes,
    people,
    report,
)
from rosterdesk.directory.edit import Edit
from rosterdesk.directory.engine import Directory
from rosterdesk.directory.history import list_changes, list_created, list_runs, record_history
from rosterdesk.directory.permissions import Permission, Person
from rosterdesk.directory.schema import RECORDS
from rosterdesk.directory.settings import Settings, canonical
from rosterdesk.directory.undo import undo
from rosterdesk.errors import UsageError
from rosterdesk.planning import lists
from rosterdesk.run import Run
from tests.directory.conftest import Place
from tests.directory.filling import exported
from tests.directory.synced import District, somebody, source

Step = Callable[[Edit, random.Random], object]


def _any(edit: Edit, rnd: random.Random, entity: str) -> int:
    """Some record, of whatever school: whoever may not see it must be refused."""
    query = sa.select(RECORDS[entity].c.id).where(RECORDS[entity].c.district == edit.district).order_by("id")
    return int(rnd.choice(list(edit.conn.execute(query).scalars())))


def _person(rnd: random.Random) -> dict[str, str | None]:
    return {"given_name": f"N{rnd.randrange(9)}", "family_name": "Ray", "email": f"m{rnd.randrange(9)}@example.org"}


def _setting(edit: Edit, rnd: random.Random) -> None:
    values = {"sync": ("on", "off"), "guardians_by_hand": ("nobody", "leaders", "staff")}
    switches = (
        "restore_students",
        "unarchive_classrooms",
        "update_active_users",
        "manage_guardians",
        "update_language",
        "shared_contacts",
    )
    values |= dict.fromkeys(switches, ("on", "off"))
    values["contact_relationships"] = ("all", "mother", "father, mother")
    name = rnd.choice(sorted(values))
    of_school = name == "sync" or (name != "shared_contacts" and rnd.random() < 0.5)
    place = _any(edit, rnd, "schools") if of_school else 0
    governing.change_settings(edit, {name: rnd.choice((*values[name], None))}, place)


EDITS: dict[str, Step] = {
    "create classroom": lambda e, r: classrooms.create(e, _any(e, r, "schools"), f"Club {r.randrange(9)}"),
    "rename": lambda e, r: classrooms.rename(e, _any(e, r, "classrooms"), f"Room {r.randrange(9)}"),
    "archive classroom": lambda e, r: classrooms.archive(e, _any(e, r, "classrooms")),
    "restore classroom": lambda e, r: classrooms.restore(e, _any(e, r, "classrooms")),
    "assign": lambda e, r: classrooms.add_student(e, _any(e, r, "classrooms"), _any(e, r, "students")),
    "teach": lambda e, r: classrooms.add_teacher(e, _any(e, r, "classrooms"), _any(e, r, "staff")),
    "guardian": lambda e, r: families.add_guardian(e, _any(e, r, "students"), _person(r)),
    "link": lambda e, r: families.link_guardian(e, _any(e, r, "students"), _any(e, r, "guardians")),
    "staff": lambda e, r: people.add_staff(e, _any(e, r, "schools"), _person(r)),
    "to school": lambda e, r: people.add_to_school(e, _any(e, r, "staff"), _any(e, r, "schools")),
    "role": lambda e, r: people.set_role(e, _any(e, r, "staff"), r.choice(("aide", "dean"))),
    "student": lambda e, r: people.add_student(e, _any(e, r, "schools"), _person(r)),
    "change student": lambda e, r: people.change_student(
        e, _any(e, r, "students"), {"given_name": f"C{r.randrange(9)}"}
    ),
    "archive student": lambda e, r: people.archive(e, "students", [_any(e, r, "students")]),
    "enable": lambda e, r: accounts.enable(e, "staff", _any(e, r, "staff")),
    "enable guardian": lambda e, r: accounts.enable(e, "guardians", _any(e, r, "guardians")),
    "contact": lambda e, r: contacts.change(
        e, "staff", _any(e, r, "staff"), {"email": f"h{r.randrange(9)}@example.org"}
    ),
    "contact guardian": lambda e, r: contacts.change(
        e, "guardians", _any(e, r, "guardians"), {"email": f"h{r.randrange(9)}@example.org"}
    ),
    "code": lambda e, r: joincodes.give(e, [_any(e, r, "students")]),
    "same person": lambda e, r: people.add_staff(
        e, _any(e, r, "schools"), {"given_name": "Gil", "family_name": "Wu", "email": f"{r.choice('xyz')}@example.org"}
    ),
    "take guardian": lambda e, r: families.remove_guardian(e, _any(e, r, "students"), _any(e, r, "guardians")),
    "take out": lambda e, r: classrooms.remove_person(e, _any(e, r, "classrooms"), _any(e, r, "students")),
    "redeem": lambda e, r: joincodes.redeem(
        e, joincodes.give(e, [student := _any(e, r, "students")])[student], _person(r)
    ),
    "setting": _setting,
}
SYNC = "sync"
STEPS = st.lists(
    st.tuples(st.sampled_from((*EDITS, *(SYNC,) * 6, "enable", "contact", "setting")), st.integers(0, 10**6)),
    min_size=6,
    max_size=12,
)


@pytest.mark.timeout(900)
@settings(
    max_examples=8,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(STEPS)
def test_rules_hold_in_any_order(place: Place, tmp_path: Path, steps: list[tuple[str, int]]) -> None:
    note(f"steps: {steps}")
    own = place.other()
    with own.open() as directory, own.open(acting_as="Ann") as anns:
        district = District(directory)
        district.sync(tmp_path)
        a = district.id("schools", "A")
        staff = (
            somebody(Permission.SCHOOL_LEADER, a),
            somebody(Permission.STAFF, a, "Tom", district.id("staff", "T1")),
            somebody(Permission.DISTRICT_LEADER, 0),
            None,
        )
        with district.edit() as edit:
            governing.grant(edit, "Ann", Permission.SCHOOL_LEADER, a)
        state = exported(directory, tmp_path / "x")
        for name, seed in steps:
            rnd = random.Random(seed)
            if name == SYNC:
                number = _sync(district, tmp_path, rnd, state)
            else:
                number = _edit(district, name, rnd, rnd.choice(staff))
            after = exported(directory, tmp_path / "x")
            assert (number is None) <= (after == state), (name, seed)
            if number is not None and after != state:
                _undone_and_done_again(district, number, state, tmp_path)
                if rnd.random() < 0.7:  # go on from the state after the step: do it again
                    rnd = random.Random(seed)
                    if name == SYNC:
                        _sync(district, tmp_path, rnd, state)
                    else:
                        _edit(district, name, rnd, rnd.choice(staff))
                state = exported(directory, tmp_path / "x")
            inside = _sees_only_its_school(district, staff[0])
        _is_shown_only(inside, district, anns)


def _edit(district: District, name: str, rnd: random.Random, person: Person | None) -> int | None:
    """Make an edit; the run's number, or None when it was refused or changed nothing."""
    try:
        with district.edit(person) as edit:
            EDITS[name](edit, rnd)
    except UsageError:
        return None
    return edit.run if edit.counts else None


def _sync(district: District, folder: Path, rnd: random.Random, before: dict[str, bytes]) -> int:
    """Push some version of the source, and hold the directory against what it was."""
    changes = {
        name: f"{rnd.choice('xyz')}@example.org" if name in ("gil", "tom") else f"V{rnd.randrange(3)}"
        for name in ("gil", "tom", "title", "mei")
        if rnd.random() < 0.5
    }
    marks = _marks(district)
    with pipeline.roster([source(folder, **changes)], Run()) as made:
        plan = pipeline.preview(made, district.directory)
        lists.prepare(made.staging)
        lines = {
            (entity, sis_id, field)
            for entity, sis_id, field in made.staging.rows(
                "select record, sis_id, field from plan.changes where action = 'overwrite'"
            )
        }
        number = pipeline.apply(made, plan, district.directory)
    after = exported(district.directory, folder / "x")
    for file in before:
        assert _manual(before, file) <= _manual(after, file), file  # no manual record or link is changed
    kept = _marks(district)
    for mark, value in marks.items():
        if mark in kept:
            assert kept[mark] == value, mark
        elif mark[2] != "status":
            assert mark in lines, mark
    return number


def _marks(district: District) -> dict[tuple[str, str, str], Any]:
    """Each hand edit of a synced record with the present value."""
    found = {}
    for entity, table in RECORDS.items():
        with district.directory.read() as conn:
            rows = {row.id: row._mapping for row in conn.execute(sa.select(table))}
        for mark in district.links("hand_edits"):
            if mark["subject"] in rows:
                row, field = rows[mark["subject"]], mark["field"]
                others = district.links("other_schools", person=mark["subject"])
                value = row[field] if field in row else {other["school"] for other in others}
                found[entity, str(row["sis_id"]), field] = value
    return found


def _manual(files: dict[str, bytes], name: str) -> set[tuple[str, ...]]:
    """The lines of a file that are people's own: manual records and links, permissions, codes, settings."""
    rows = list(csv.DictReader(files[name].decode().splitlines()))
    if name in ("hand_edits.csv", "accounts.csv", "other_schools.csv"):
        return set()
    if rows and "synced" in rows[0]:
        rows = [row for row in rows if row["synced"] == "0"]
    elif f"{name.removesuffix('.csv')}" in RECORDS:
        rows = [row for row in rows if row["sis_id"] == ""]
    return {tuple(row.values()) for row in rows}


def _undone_and_done_again(district: District, number: int, state: dict[str, bytes], folder: Path) -> None:
    with district.directory.read() as conn:
        assert list_runs(conn, 1, limit=1)[0].number == number
    assert undo(district.directory, number).left == ()
    assert exported(district.directory, folder / "x") == state


def _sees_only_its_school(district: District, person: Person | None) -> dict[str, set[int]]:
    """Hold what an edit may touch against where each record belongs; return what belongs to the person's school."""
    assert person is not None
    (school,) = person.schools or frozenset()
    inside: dict[str, set[int]] = {entity: set() for entity in RECORDS}
    with district.edit(person) as edit:
        for entity, table in RECORDS.items():
            for row in edit.conn.execute(sa.select(table)).all():
                belongs = school in edit.schools(entity, row)
                inside[entity] |= {row.id} if belongs else set()
                try:
                    edit.get(entity, row.id)
                except UsageError:
                    assert not belongs
                else:
                    assert belongs
    return inside


def _is_shown_only(inside: dict[str, set[int]], district: District, theirs: Directory) -> None:
    """Hold every other way of looking at records against what belongs to the person's school."""
    every = set().union(*inside.values())
    with theirs.read() as conn, district.directory.read() as whole:
        for entity, ids in inside.items():
            states = (browse.Which.ACTIVE, browse.Which.ARCHIVED)
            assert {number for which in states for number in browse.find(conn, 1, entity, which=which)} == ids
            everybody = list(whole.execute(sa.select(RECORDS[entity].c.id)).scalars())
            assert {row[0] for row in browse.rows(conn, 1, entity, everybody)} == ids
            for number in everybody:
                shown = browse.record(conn, 1, entity, number)
                assert (shown is not None) == (number in ids)
                assert {link.id for link in (shown.linked if shown else ())} <= every
                assert record_history(conn, 1, entity, number) == [] or number in ids
        assert set(archived.find(conn, 1)) <= every
        for past in list_runs(whole, 1):
            assert {change.record for change in list_created(conn, 1, past.number)} <= every
            records = {c.record for _, c in list_changes(conn, 1, past.number) if c.entity != "settings"}
            assert records <= every
            numbers = range(1, len(list_changes(whole, 1, past.number)) + 1)
            for entry in report.entries(conn, 1, past.number, numbers):
                assert entry.school in ("", "Adams"), entry


def test_the_settings_that_are_drawn_are_settings() -> None:
    for name in Settings.__dataclass_fields__:
        words = ("phone_column", "student_id", "contact_relationships", "contact_types", "limits")
        if name not in words and not name.endswith(("percent", "months", "days")):
            assert canonical(name, "staff" if name == "guardians_by_hand" else "off")
