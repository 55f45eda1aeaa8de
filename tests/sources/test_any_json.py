"""Whatever JSON a server sends in place of a record: rows come out of it, or nothing, and never an exception."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from rosterdesk.sources.clever import rows as clever
from rosterdesk.sources.clever.access import unwrapped
from rosterdesk.sources.oneroster import rows as oneroster

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
REFERENCE = st.dictionaries(st.sampled_from(["href", "sourcedId", "type", "org", "role", "roleType"]), ANY, max_size=4)
PERSON = [
    *oneroster.TABLES["users"].columns,
    "agents",
    "orgs",
    "roles",
    "primaryOrg",
    "metadata",
    "class",
    "school",
    "terms",
]
RECORD = st.dictionaries(st.sampled_from(PERSON), ANY | REFERENCE | st.lists(REFERENCE, max_size=2), max_size=10)
TIE = st.dictionaries(st.sampled_from(["student", "relationship", "type"]), ANY, max_size=3)
ROLE_KEYS = ["sis_id", "staff_id", "school", "schools", "grade", "dob", "ext", "preferred_name", "credentials", "phone"]
ROLE = st.dictionaries(
    st.sampled_from([*ROLE_KEYS, "student_relationships"]), ANY | st.lists(TIE, max_size=2), max_size=6
)
ROLES = st.dictionaries(st.sampled_from([*clever.KINDS, "contact"]), ROLE | ANY, max_size=3) | st.lists(ROLE) | ANY
USER = st.fixed_dictionaries({"id": ANY, "roles": ROLES, "name": ANY | st.dictionaries(st.just("last"), ANY)})
SECTION = st.dictionaries(
    st.sampled_from(["id", "school", "grade", "teacher", "teachers", "students"]), ANY, max_size=6
)


def texts(rows: Any, width: int) -> bool:
    return all(len(row) == width and all(isinstance(cell, str) for cell in row) for row in rows)


@given(RECORD)
def test_oneroster(record: dict[str, Any]) -> None:
    for table in (*oneroster.TABLES.values(), oneroster.USERS_12):
        assert texts(table.rows([record]), len(table.columns))
    assert texts(oneroster.roles_of(record), len(oneroster.ROLES))


@given(USER)
def test_clever_people(record: dict[str, Any]) -> None:
    for ids in clever.IDS:
        assert texts(clever.people(record, ids), len(clever.COLUMNS["people"]))
    assert texts(clever.contacts(record), len(clever.COLUMNS["contacts"]))
    assert texts(clever.attributes(record), len(clever.COLUMNS["attributes"]))


@given(SECTION)
def test_clever_sections(record: dict[str, Any]) -> None:
    assert texts(clever.section(record), len(clever.COLUMNS["sections"]))
    assert texts(clever.members(record), len(clever.COLUMNS["members"]))


@given(ANY)
def test_wrappers(item: Any) -> None:
    assert unwrapped(item) is None or isinstance(unwrapped(item), dict)
