"""A real OpenSSH server for tests: the system's own sshd on a free port of loopback, with keys and a user of its own.

The user `roster` exists for this server alone (libnss-wrapper answers who he is), so nothing of the machine is changed;
he is never root, so that a folder can be closed to him. Signing in with a password needs that wrapper; without it, keys
work for whoever runs the tests.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from rosterdesk.connections import Connection, Kind

USER, UID = "roster", 54321
_SERVERS = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd")


def program() -> str | None:
    """The path of sshd, which must be absolute; None where it is not installed."""
    return next((path for path in _SERVERS if Path(path).exists()), None)


def wrapper() -> Path | None:
    """The library that gives a process users of its own."""
    return next(iter(sorted(Path("/usr/lib").glob("*/libnss_wrapper.so"))), None)


class OpenSSH:
    """A server whose user sees the machine, with a folder of his own, `home`. `start` it, and `stop` it in any case."""

    def __init__(self) -> None:
        server = program()
        if server is None or shutil.which("ssh-keygen") is None:
            if os.environ.get("CI"):
                pytest.fail("OpenSSH is missing, and CI must test SFTP")
            pytest.skip("OpenSSH's sshd is not installed (on Debian: the package openssh-server)")
        self._program = server
        # Under /tmp, as the user must be able to walk there.
        self.folder = Path(tempfile.mkdtemp(prefix="rd-ssh-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o755)
        self.wrapped = wrapper()
        self.user = USER if self.wrapped else getpass.getuser()
        self.password = secrets.token_urlsafe(9) if self.wrapped else ""
        self.uid = UID if os.geteuid() == 0 and self.wrapped else os.geteuid()
        self.port = 0
        self._folders = 0
        self._process: subprocess.Popen[bytes] | None = None
        self.owned(self.home)
        for name in ("host", "next", "other"):
            self.make_key(name)
        self.key = self.make_key("user")
        self.locked_key = self.make_key("locked", "open sesame")
        self.allow(self.key, self.locked_key)
        if self.wrapped:
            self._make_user()

    def owned(self, path: Path) -> Path:
        """Give a file or folder to the server's user."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.uid)
        return path

    def new_folder(self) -> Path:
        """An empty folder of the user's, for one test."""
        self._folders += 1
        folder = self.home / f"f{self._folders}"
        folder.mkdir(mode=0o755)
        return self.owned(folder)

    def connection(self, folder: Path | None = None, port: int | None = None, **options: str) -> Connection:
        """A connection that signs in with the key; `options` are added to it, or taken away where they are empty."""
        all_options = {
            "port": str(port or self.port),
            "user": self.user,
            "key_file": str(self.key),
            "host_key": self.fingerprint(),
            "folder": str(folder or self.home),
            "settle": "0.05",
            **options,
        }
        return Connection("far", Kind.SFTP, "127.0.0.1", {name: v for name, v in all_options.items() if v})

    def put(self, name: str, content: bytes) -> Path:
        """A file in the user's folder."""
        path = self.home / name
        path.parent.mkdir(exist_ok=True, mode=0o755)
        self.owned(path.parent)
        path.write_bytes(content)
        path.chmod(0o644)
        return self.owned(path)

    def make_key(self, name: str, passphrase: str = "", kind: str = "ed25519") -> Path:
        """A new pair of keys; the path of the private one."""
        path = self.folder / f"{name}_key"
        path.unlink(missing_ok=True)
        command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", name, "-f", str(path)]
        subprocess.run(command, check=True, capture_output=True)
        return path

    def allow(self, *keys: Path) -> None:
        """Let in whoever holds one of these keys."""
        known = self.folder / "authorized_keys"
        known.write_text("".join(key.with_name(key.name + ".pub").read_text() for key in keys))
        known.chmod(0o644)

    def fingerprint(self, name: str = "host") -> str:
        """What `ssh-keygen -l` prints of a key of ours."""
        command = ["ssh-keygen", "-l", "-f", str(self.folder / f"{name}_key.pub")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]

    def start(self, host_key: str = "host", **settings: str) -> None:
        """Start it, on the same port as before; `settings` are sshd_config's."""
        for _ in range(5):  # another process may take the port between our look and the server's start
            if not self.port:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", 0))
                    self.port = probe.getsockname()[1]
            config = {
                "Port": str(self.port),
                "ListenAddress": "127.0.0.1",
                "HostKey": str(self.folder / f"{host_key}_key"),
                "AuthorizedKeysFile": str(self.folder / "authorized_keys"),
                "PidFile": "none",
                "UsePAM": "no",
                "StrictModes": "no",
                "LogLevel": "VERBOSE",
                "MaxStartups": "100",
                "MaxAuthTries": "6",
                "PasswordAuthentication": "yes" if self.password else "no",
                "KbdInteractiveAuthentication": "no",
                "AllowTcpForwarding": "yes",
                "Subsystem": "sftp internal-sftp -u 077",
                **settings,
            }
            file = self.folder / "sshd_config"
            file.write_text("".join(f"{name} {value}\n" for name, value in config.items()))
            if os.geteuid() == 0:
                Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # where sshd locks up its unprivileged half
            with (self.folder / "log").open("ab") as log:
                self._process = subprocess.Popen(
                    [self._program, "-D", "-e", "-f", str(file)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=self._environment(), start_new_session=True,
                )  # fmt: skip
            if self._answers():
                return
            self.stop(keep=True)
            self.port = 0
        raise RuntimeError("sshd did not start:\n" + self.log()[-2000:])

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def stop(self, *, keep: bool = False) -> None:
        """End it with all its sessions."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self.drop()
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait(5)
            self._process = None
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def sessions(self) -> int:
        """How many connections it is serving."""
        assert self._process is not None
        told = subprocess.run(["ps", "-A", "-o", "ppid="], check=True, capture_output=True, text=True)
        return told.stdout.split().count(str(self._process.pid))

    def drop(self) -> None:
        """End all that the server has started, at once."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def sftp(self, *commands: str, port: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run the `sftp` program with these commands, as a person would."""
        known = self.folder / "known_hosts"
        key = " ".join((self.folder / "host_key.pub").read_text().split()[:2])
        port = port or self.port
        known.write_text(f"[127.0.0.1]:{port} {key}\n")
        options = (f"UserKnownHostsFile={known}", "IdentitiesOnly=yes", "BatchMode=yes")
        command = ["sftp", "-q", "-b", "-", "-F", "none", "-i", str(self.key), "-P", str(port)]
        command += [part for option in options for part in ("-o", option)] + [f"{self.user}@127.0.0.1"]
        text = "\n".join(commands) + "\n"
        return subprocess.run(command, input=text, check=True, capture_output=True, text=True)

    def _make_user(self) -> None:
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=self.password, check=True, capture_output=True, text=True
        ).stdout.strip()
        privsep = "sshd:x:54322:54322::/run/sshd:/usr/sbin/nologin\n"
        mine = "" if os.geteuid() == 0 else f"me:x:{os.geteuid()}:{os.getegid()}::/:/bin/sh\n"
        (self.folder / "passwd").write_text(
            f"root:x:0:0::/root:/bin/sh\n{privsep}{USER}:x:{self.uid}:{self.uid}::{self.home}:/bin/sh\n{mine}"
        )
        (self.folder / "group").write_text(f"root:x:0:\nsshd:x:54322:\n{USER}:x:{self.uid}:\n")
        (self.folder / "shadow").write_text(f"root:*:1::::::\n{USER}:{hashed}:19000:0:99999:7:::\n")

    def _environment(self) -> dict[str, str]:
        if self.wrapped is None:
            return {"PATH": os.environ["PATH"]}
        return {
            "PATH": os.environ["PATH"],
            "LD_PRELOAD": str(self.wrapped),
            "NSS_WRAPPER_PASSWD": str(self.folder / "passwd"),
            "NSS_WRAPPER_GROUP": str(self.folder / "group"),
            "NSS_WRAPPER_SHADOW": str(self.folder / "shadow"),
        }

    def _answers(self) -> bool:
        assert self._process is not None
        until = time.monotonic() + 20
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=2) as probe:
                    if probe.recv(4) == b"SSH-":
                        return True
            except OSError:
                time.sleep(0.05)
        return False
