"""The two kinds of directory, so that every test of what a directory does runs on both."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rosterdesk.credentials import KeySource
from rosterdesk.directory.engine import Directory, open_directory
from rosterdesk.run import Run
from tests.servers.postgres import Postgres, programs


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for each process of the test run."""
    folder = programs()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is missing, and CI must test the shared directory")
        pytest.skip("PostgreSQL is not installed (on Debian: the package postgresql)")
    server = Postgres(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()


@dataclass
class Place:
    """Where a test's directory is; `open` may be called again, and `other` is a second place of the same kind."""

    where: str | Path
    key: KeySource | None
    make: Callable[[], str | Path]

    def open(
        self, *, create: bool = True, run: Run | None = None, patience: float = 20.0, acting_as: str | None = None
    ) -> Directory:
        return open_directory(self.where, self.key, create=create, run=run, patience=patience, acting_as=acting_as)

    def other(self) -> Place:
        return Place(self.make(), self.key, self.make)

    @property
    def embedded(self) -> bool:
        return isinstance(self.where, Path)


@pytest.fixture
def embedded_place(tmp_path: Path) -> Place:
    count = iter(range(100))

    def make() -> Path:
        return tmp_path / f"directory{next(count)}" / "directory.db"

    return Place(make(), None, make)


@pytest.fixture
def shared_place(postgres: Postgres) -> Iterator[Place]:
    made: list[str] = []

    def make() -> str:
        made.append(postgres.new_database())
        return made[-1]

    yield Place(make(), None, make)
    for url in made:
        postgres.drop(url)


@pytest.fixture(params=["embedded", "shared"])
def place(request: pytest.FixtureRequest) -> Place:
    return request.getfixturevalue(f"{request.param}_place")  # type: ignore[no-any-return]


@pytest.fixture
def directory(place: Place) -> Iterator[Directory]:
    with place.open() as directory:
        yield directory
