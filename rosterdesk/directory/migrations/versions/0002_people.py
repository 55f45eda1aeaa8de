"""What people own and who they are: hand edits, permissions, join codes, accounts of students, reasons of runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the columns and tables; nothing that is there changes."""
    op.add_column("students", sa.Column("account", sa.BigInteger))
    op.add_column("runs", sa.Column("why", _TEXT))
    op.create_table(
        "hand_edits",
        sa.Column("district", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("subject", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("field", _TEXT, nullable=False),
        sa.Column("created_run", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("district", "subject", "field"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "join_codes",
        sa.Column("district", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("student", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("code", _TEXT, nullable=False),
        sa.Column("created_run", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("district", "student"),
        sqlite_with_rowid=False,
    )
    op.create_index("join_codes_code", "join_codes", ["district", "code"], unique=True)
    op.create_table(
        "grants",
        sa.Column("district", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("who", _TEXT, nullable=False),
        sa.Column("permission", _TEXT, nullable=False),
        sa.Column("school", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("person", sa.BigInteger),
        sa.Column("created_run", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("district", "who", "permission", "school"),
        sqlite_with_rowid=False,
    )
