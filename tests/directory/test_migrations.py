"""The steps lead to exactly the tables of the schema, on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from rosterdesk.directory import migrate
from rosterdesk.directory.schema import metadata
from rosterdesk.errors import DirectoryError
from tests.directory.conftest import Place


@pytest.mark.parametrize("made_by", ["make", "upgrade"])
def test_tables_are_those_of_the_schema(place: Place, made_by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "make", getattr(migrate, made_by))
    with place.open() as directory, directory.read() as conn:
        assert migrate.version(conn) == migrate.VERSION
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True, "version_table": migrate.VERSION_TABLE}
        )
        assert compare_metadata(context, metadata) == []


def test_the_version_known_is_that_of_the_last_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == migrate.VERSION


def test_opening_again_changes_nothing(place: Place) -> None:
    with place.open() as directory, directory.transaction() as conn:
        directory.bump(conn)
    with place.open(create=False) as directory:
        assert directory.generation == 1


def test_a_newer_directory_is_refused(place: Place) -> None:
    with place.open() as directory, directory.transaction() as conn:
        conn.exec_driver_sql(f"update {migrate.VERSION_TABLE} set version_num = '0999'")
    with pytest.raises(DirectoryError, match="made by a newer RosterDesk"):
        place.open()
