"""The tables of the first version."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make every table and index."""
    _table("districts", ("district",), number("district"), text("name"), big("generation"), big("next_id"), rowid=True)
    _table(
        "settings",
        ("district", "school", "name"),
        *(number("district"), big("school"), text("name"), text("value")),
    )
    _records("schools", *optional("name", "type", "identifier"))
    _records("classrooms", *optional("title", "grade", "location", "period"), big("school", True))
    _records(
        "students",
        *optional("given_name", "family_name", "middle_name", "preferred_name", "email", "grade"),
        *optional("student_number", "state_id", "birth_date", "gender", "language"),
        big("school", True),
    )
    _records(
        "staff",
        *optional("given_name", "family_name", "middle_name", "email", "sms", "phone", "language", "role"),
        *(big("school", True), big("account", True)),
    )
    _records(
        "guardians",
        *optional("given_name", "family_name", "email", "sms", "phone", "language"),
        big("account", True),
    )
    _table(
        "other_schools",
        ("district", "person", "school"),
        *(number("district"), big("person"), big("school"), number("created_run")),
    )
    _table(
        "accounts",
        ("district", "id"),
        *(number("district"), big("id"), text("state"), number("created_run")),
        rowid=True,
    )
    _table(
        "enrollments",
        ("district", "classroom", "person", "role"),
        *(number("district"), big("classroom"), big("person"), text("role"), flag("is_primary"), flag("synced")),
        number("created_run"),
    )
    op.create_index("enrollments_person", "enrollments", ["district", "person"])
    _table(
        "guardianships",
        ("district", "student", "guardian"),
        *(number("district"), big("student"), big("guardian"), *optional("relationship"), flag("synced")),
        number("created_run"),
    )
    op.create_index("guardianships_guardian", "guardianships", ["district", "guardian"])
    _table(
        "attributes",
        ("district", "student", "name"),
        *(number("district"), big("student"), text("name"), *optional("value"), number("created_run")),
    )
    _table(
        "runs",
        ("district", "run"),
        *(number("district"), number("run"), text("kind"), text("state"), text("started"), *optional("finished")),
        *(text("who"), text("source"), text("digest"), text("counts"), text("problems"), number("undoes", True)),
        rowid=True,
    )
    _table(
        "changes",
        ("district", "run", "number"),
        *(number("district"), number("run"), number("number"), text("entity"), big("record"), text("action")),
        *optional("before", "after"),
    )
    op.create_index("changes_record", "changes", ["district", "record"])
    _table(
        "snapshot",
        ("district", "name", "part"),
        *(number("district"), text("name"), number("part"), big("generation")),
        sa.Column("content", sa.LargeBinary, nullable=False),
        rowid=True,
    )


def number(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, nullable=nullable, autoincrement=False)


def big(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=nullable, autoincrement=False)


def flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.SmallInteger, nullable=False)


def text(name: str) -> sa.Column[Any]:
    return sa.Column(name, _TEXT, nullable=False)


def optional(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, _TEXT) for name in names]


def _table(name: str, key: tuple[str, ...], *columns: sa.Column[Any], rowid: bool = False) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key), sqlite_with_rowid=rowid)


def _records(name: str, *columns: sa.Column[Any]) -> None:
    _table(
        name,
        ("district", "id"),
        *(number("district"), big("id"), *optional("sis_id"), *columns, text("status"), number("created_run")),
    )
    op.create_index(f"{name}_sis_id", name, ["district", "sis_id"], unique=True)
