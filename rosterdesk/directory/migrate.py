"""Brings a directory's tables to this version's state, by the steps in `migrations`, or says that they are newer."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from rosterdesk.directory.schema import districts, metadata
from rosterdesk.errors import DirectoryError

VERSION = "0004"  # of the latest step; a test compares it with the files
VERSION_TABLE = "rosterdesk_version"  # a name of our own: other programs that share the database may use Alembic too
_STEPS = Path(__file__).parent / "migrations"


def tables_exist(conn: sa.Connection) -> bool:
    """Whether the database holds a directory of any version."""
    return sa.inspect(conn).has_table(VERSION_TABLE)


def version(conn: sa.Connection) -> str | None:
    """The version of the tables; None when there are none. Raises `DirectoryError` when it is a newer one."""
    if not tables_exist(conn):
        return None
    found = conn.exec_driver_sql(f"select version_num from {VERSION_TABLE}").scalar()
    if found is not None and str(found) > VERSION:
        raise DirectoryError(
            "This directory was made by a newer RosterDesk.",
            "Update RosterDesk on this computer.",
            f"version {found}, known {VERSION}",
        )
    return None if found is None else str(found)


def make(conn: sa.Connection) -> None:
    """Make the tables of this version in an empty database, as all steps together would: a test compares the two.

    It takes a fifth of the time that the steps do, and loads no Alembic.
    """
    metadata.create_all(conn, checkfirst=False)
    stamp = sa.Table(VERSION_TABLE, sa.MetaData(), sa.Column("version_num", sa.String(32), primary_key=True))
    stamp.create(conn)
    conn.execute(stamp.insert().values(version_num=VERSION))


def upgrade(conn: sa.Connection) -> None:
    """Run the missing steps within the connection's transaction; from an empty database, all of them."""
    # Imported here: every command opens a directory, and hardly any has a step to run.
    import alembic.command
    import alembic.config

    config = alembic.config.Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.attributes["connection"] = conn
    alembic.command.upgrade(config, "head")


def add_district(conn: sa.Connection, district: int) -> None:
    """Make the district's own row if it is missing."""
    if conn.execute(sa.select(districts.c.district).where(districts.c.district == district)).first() is None:
        conn.execute(districts.insert().values(district=district, name="", generation=0, next_id=1))
