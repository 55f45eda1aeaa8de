"""The mends that problems offer, and the groups in which problems are shown."""

from __future__ import annotations

import pytest

from rosterdesk import checks
from rosterdesk.checks import mends
from rosterdesk.checks.entries import CATALOGUE
from rosterdesk.checks.groups import Group
from rosterdesk.model import FieldMap, Mapping, Severity, TableMap, Transform
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.checks.tables import Tables, enrolled, room, school, source, student

_FIELDS = ("sis_id", "given_name", "grade", "sms", "birth_date", "status", "role")
MAPPING = Mapping(
    (
        TableMap("users", "users", {name: FieldMap((name.upper(),)) for name in _FIELDS}),
        TableMap(
            "enrollments", "enrollments", {"user_sis_id": FieldMap(("WHO",)), "class_sis_id": FieldMap(("WHERE",))}
        ),
    )
)


def proposed(staging: Staging, fix: str, tables: Tables) -> list[mends.Mend]:
    reading, mapped = source(staging, {"schools": [school()], **tables})
    checks.check(MAPPING, reading, mapped, staging, Run())
    return mends.propose(staging, fix, MAPPING)


def test_pad_ids(staging: Staging) -> None:
    tables = {
        "users": [student("00012"), student("00345", "Bob")],
        "classrooms": [room("C")],
        "enrollments": [enrolled("C", "12")],
    }
    (mend,) = proposed(staging, "pad-ids", tables)
    assert (mend.table, mend.field, mend.samples) == ("enrollments", "user_sis_id", (("12", "00012"),))
    assert mend.steps == (Transform("pad", {"width": 5}),)


@pytest.mark.parametrize(
    ("fix", "field", "row", "sample"),
    [
        ("trim-ids", "sis_id", student(" S1"), (" S1", "S1")),
        ("strip-invisible", "sis_id", student("S\u200b1"), ("S\u200b1", "S1")),
        ("strip-invisible", "given_name", student("S1", "A\u00a0"), ("A\u00a0", "A")),
        ("strip-decimal", "sis_id", student("12.0"), ("12.0", "12")),
        ("strip-quotes", "given_name", student("S1", 'A "B"'), ('A "B"', "A B")),
    ],
)
def test_mend(fix: str, field: str, row: dict[str, object], sample: tuple[str, str], staging: Staging) -> None:
    (mend,) = proposed(staging, fix, {"users": [row]})
    assert (mend.field, mend.samples) == (field, (sample,))
    assert mend.steps
    changed = mends.apply(MAPPING, [mend])
    assert changed.tables[0].fields[field].transforms == mend.steps
    assert all(char <= "~" for step in mend.steps for value in step.args.values() for char in str(value))


@pytest.mark.parametrize(
    ("fix", "row", "question"),
    [
        ("map-grade", student("S1", grade="Sprout"), "Sprout"),
        ("map-role", student("S1", role="pilot"), "pilot"),
        ("map-status", student("S1", status="odd"), "odd"),
        ("set-country", student("S1", sms="555-1234"), "country"),
        ("date-order", student("S1", birth_date="03/04/2016"), "order"),
    ],
)
def test_mend_that_asks(fix: str, row: dict[str, object], question: str, staging: Staging) -> None:
    (mend,) = proposed(staging, fix, {"users": [row]})
    assert mend.questions == (question,)


def test_names_change_places() -> None:
    spec = TableMap("t", "users", {"given_name": FieldMap(("A",)), "family_name": FieldMap(("B",))})
    assert mends.swapped(spec).fields == {"given_name": FieldMap(("B",)), "family_name": FieldMap(("A",))}


def test_every_fix_of_the_catalogue_can_be_proposed() -> None:
    assert {entry.fix for entry in CATALOGUE.values()} - {None, "swap-names"} == mends.FIXES.keys()


def test_groups(staging: Staging) -> None:
    proposed(
        staging, "map-grade", {"users": [student("S1", grade="x"), student("S2", "Bob", grade="y"), student(None)]}
    )
    assert checks.summary(staging) == [
        Group("missing-id", Severity.ERROR, "No SIS ID", 1, None),
        Group("unknown-grade", Severity.WARNING, "Grade not known", 2, "map-grade"),
        Group("student-without-grade", Severity.NOTICE, "Student without a grade", 2, None),
    ]
    assert checks.counts(staging) == {"error": 1, "warning": 2, "notice": 2}
    page = checks.page(staging, "unknown-grade", 1, 1)
    assert page.to_dict("records") == [
        {
            "table": "users",
            "row": "3",
            "column": "GRADE",
            "value": "y",
            "message": CATALOGUE["unknown-grade"].sentence.replace("{value}", "y"),
        }
    ]
