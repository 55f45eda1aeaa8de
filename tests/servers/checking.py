"""A second kind of SFTP server, paramiko's own: it makes checksums, which OpenSSH does not, and replaces nothing.

It can be told to spoil what it is given, as a bad disk would.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
from paramiko.sftp_server import SFTPServer


class Door(paramiko.ServerInterface):
    """Everybody may come in, with whatever key."""

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class Disk:
    """Where the files are, how often a checksum was asked for, and whether the disk spoils what it gets."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.checked = 0
        self.spoils = False


class _Handle(paramiko.SFTPHandle):
    def __init__(self, file: Any, disk: Disk, flags: int) -> None:
        super().__init__(flags)
        self.readfile = self.writefile = file
        self._disk = disk

    def write(self, offset: int, data: bytes) -> int:
        if self._disk.spoils:
            data = b"\0" + data[1:]
        return int(super().write(offset, data))

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):
    disk: Disk

    def __init__(self, server: Door, disk: Disk) -> None:
        super().__init__(server)
        self.disk = disk

    def _here(self, path: str) -> Path:
        return self.disk.root / self.canonicalize(path).lstrip("/")

    def _done(self, step: Any) -> Any:
        try:
            return step()
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def list_folder(self, path: str) -> Any:
        return self._done(
            lambda: [paramiko.SFTPAttributes.from_stat(p.stat(), p.name) for p in self._here(path).iterdir()]
        )

    def stat(self, path: str) -> Any:
        return self._done(lambda: paramiko.SFTPAttributes.from_stat(self._here(path).stat()))

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:
        def opened() -> _Handle:
            mode = "r+b" if flags & (os.O_WRONLY | os.O_RDWR) else "rb"
            handle = os.open(self._here(path), flags, 0o600)
            os.close(handle)
            return _Handle(self._here(path).open(mode, buffering=0), self.disk, flags)

        return self._done(opened)

    def remove(self, path: str) -> Any:
        return self._done(lambda: self._here(path).unlink() or 0)

    def rename(self, oldpath: str, newpath: str) -> Any:
        def renamed() -> int:
            if self._here(newpath).exists():
                return int(paramiko.SFTP_FAILURE)
            self._here(oldpath).rename(self._here(newpath))
            return 0

        return self._done(renamed)


class _Counting(SFTPServer):
    def _check_file(self, request_number: int, msg: paramiko.Message) -> None:
        self.server.disk.checked += 1
        super()._check_file(request_number, msg)


@contextlib.contextmanager
def serving(root: Path) -> Iterator[tuple[int, str, Disk]]:
    """Its port, the fingerprint of its key, and its disk."""
    key, disk = paramiko.ECDSAKey.generate(), Disk(root)
    transports: list[paramiko.Transport] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(one)
            transports.append(transport)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", _Counting, _Files, disk)
            with contextlib.suppress(paramiko.SSHException, EOFError):
                transport.start_server(server=Door())

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], str(key.fingerprint), disk
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
        for transport in transports:
            transport.close()
            transport.join(10)
