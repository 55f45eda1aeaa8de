"""What came with merging and with keeping no longer than needed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables and columns."""
    op.add_column("runs", sa.Column("job", _TEXT))
    op.add_column("runs", sa.Column("machine", _TEXT))
    op.add_column("runs", sa.Column("forgotten", _TEXT))
    op.create_index("runs_job", "runs", ["district", "job", "run"])
    op.create_table(
        "run_schools",
        sa.Column("district", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("run", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("counts", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("district", "run"),
    )
    op.create_table(
        "deliveries",
        sa.Column("district", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("run", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("outlet", _TEXT, nullable=False),
        sa.Column("layout", _TEXT, nullable=False),
        sa.Column("zipped", sa.SmallInteger, nullable=False),
        sa.Column("files", _TEXT, nullable=False),
        sa.PrimaryKeyConstraint("district", "run"),
    )
    op.create_table(
        "merges",
        sa.Column("district", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("absorbed", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("survivor", sa.BigInteger, nullable=False),
        sa.Column("entity", _TEXT, nullable=False),
        sa.Column("moved", _TEXT),
        sa.Column("created_run", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("district", "absorbed"),
        sqlite_with_rowid=False,
    )
    op.create_index("merges_survivor", "merges", ["district", "survivor"])
    op.create_table(
        "decisions",
        sa.Column("district", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("candidate", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("incoming", _TEXT, nullable=False),
        sa.Column("entity", _TEXT, nullable=False),
        sa.Column("decision", _TEXT, nullable=False),
        sa.Column("decided", _TEXT),
        sa.Column("who", _TEXT),
        sa.Column("created_run", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("district", "candidate", "incoming"),
        sqlite_with_rowid=False,
    )
