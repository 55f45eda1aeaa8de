"""What holds for every test: a home of its own, secrets in memory, no screen, and no network but loopback."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import keyring
import keyring.backend
import keyring.errors
import pytest

from rosterdesk import paths
from rosterdesk.run import Run
from rosterdesk.staging import Staging
from tests.servers.openssh import OpenSSH

# Before anything of Qt is imported. Tests that need a real window system set their own.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Hosts of this machine's Qt themes and desktops have no say in a test.
os.environ.pop("QT_QPA_PLATFORMTHEME", None)

# Examples are the same in every run, and a slow machine is no failure.
hypothesis.settings.register_profile("house", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("house")

FIXTURES = Path(__file__).resolve().parent.parent.parent / "shared" / "fixtures"
_LOOPBACK = {"127.0.0.1", "::1", "localhost", "", None}


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that forgets."""

    priority = 1  # type: ignore[assignment]  # the base class computes it

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.secrets.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError(username)


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder of this test: `ROSTERDESK_HOME`, and the temporary folder beside it."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("data", "tmp"):
        (folder / name).mkdir(mode=0o700)
    monkeypatch.setenv("ROSTERDESK_HOME", str(folder / "data"))
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(folder / "tmp"))
    return folder / "data"


@pytest.fixture(autouse=True)
def secrets() -> Iterator[MemoryKeyring]:
    """The keyring of this test, in memory."""
    before, memory = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but this machine is ever reached."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in _LOOPBACK:
            raise OSError(f"A test wanted to reach {address[0]}.")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def run() -> Run:
    """A run that nobody listens to."""
    return Run()


@pytest.fixture
def staging(run: Run, tmp_path: Path) -> Iterator[Staging]:
    """An empty staging database in memory."""
    with Staging(run, tmp_path) as staging:
        yield staging


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The data that others published. It is not part of the project, so tests that use it skip where it is absent."""
    if not FIXTURES.is_dir():
        pytest.skip("the published fixtures are not here")
    return FIXTURES


@pytest.fixture(scope="session")
def openssh() -> Iterator[OpenSSH]:
    """One SFTP server for each process of the test run; each test takes a folder of its own there."""
    server = OpenSSH()
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample district."""
    return paths.RESOURCES / "sample"
