"""A real PostgreSQL for tests: the system's own programs, an empty cluster in a temporary folder, on loopback only."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

_OPEN = (
    "/tmp"  # the server runs as another user, who must be able to walk there; and the path of its socket must be short
)
_PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")
_SETTINGS = {
    "fsync": "off",  # a test's database need not survive a power cut
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "50",
    "autovacuum": "off",
}


def programs() -> Path | None:
    """The folder of the newest `initdb` and `postgres`; None where PostgreSQL is not installed."""
    found = [
        path.parent
        for place in _PLACES
        for path in Path(place).glob("*/bin/initdb")
        if (path.parent / "postgres").exists()
    ]
    if found:
        return max(found, key=lambda folder: [int(n) for n in re.findall(r"\d+", folder.parent.name)] or [0])
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path and shutil.which("postgres") else None


class Postgres:
    """A server with a superuser `rosterdesk` and a password. `start` it, and `stop` it in any case."""

    def __init__(self, bin_folder: Path) -> None:
        self._bin = bin_folder
        self._folder = Path(tempfile.mkdtemp(prefix="rd-pg-", dir=_OPEN if os.name == "posix" else None))
        self.port = 0
        self.password = secrets.token_urlsafe(12)
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._owner: str | None = None
        if os.name == "posix" and os.geteuid() == 0:  # PostgreSQL refuses to run as root
            import pwd

            names = {entry.pw_name for entry in pwd.getpwall()}
            self._owner = "postgres" if "postgres" in names else "nobody"
            shutil.chown(self._folder, self._owner)

    def start(self) -> None:
        secret = self._folder / "password"
        secret.write_text(self.password)
        secret.chmod(0o600)
        data = self._folder / "data"
        if self._owner:
            shutil.chown(secret, self._owner)
        self._run("initdb", "-D", str(data), "-U", "rosterdesk", "-A", "scram-sha-256", f"--pwfile={secret}",
                  "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        for _ in range(5):  # another process may take the port between our look and the server's start
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            settings = {
                **_SETTINGS,
                "port": str(self.port),
                "listen_addresses": "127.0.0.1",
                "unix_socket_directories": str(self._folder),
            }
            arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
            with (self._folder / "log").open("wb") as log:
                self._process = subprocess.Popen(
                    [str(self._bin / "postgres"), "-D", str(data), *arguments],
                    stdout=log, stderr=log, cwd=self._folder, start_new_session=True, **self._as_owner(),
                )  # fmt: skip
            if self._answers():
                return
            self.stop(keep=True)
        raise RuntimeError("PostgreSQL did not start:\n" + (self._folder / "log").read_text(errors="replace")[-2000:])

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://rosterdesk:{self.password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """Make an empty database; return its address."""
        self._databases += 1
        name = f"t{self._databases}"
        with psycopg.connect(self.url(), autocommit=True) as conn:
            conn.execute(f"create database {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as conn:
            conn.execute(f"drop database if exists {url.rpartition('/')[2]} with (force)")

    def stop(self, *, keep: bool = False) -> None:
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(3)
            if self._process.poll() is None:
                self._process.send_signal(3)  # SIGQUIT: at once, without asking its clients
                self._process.wait(20)
            self._process = None
        if not keep:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self._process is not None
        until = time.monotonic() + 30
        while time.monotonic() < until and self._process.poll() is None:
            try:
                psycopg.connect(self.url(), connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        result = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, check=False, **self._as_owner()
        )
        if result.returncode:
            raise RuntimeError(f"{program} failed:\n{result.stdout}\n{result.stderr}")

    def _as_owner(self) -> dict[str, object]:
        if self._owner is None:
            return {}
        import pwd

        return {"user": self._owner, "group": pwd.getpwnam(self._owner).pw_gid, "extra_groups": []}
