"""Secrets and the key of a directory, with a keyring in memory."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import chainer, fail, null

from rosterdesk.credentials import KeySource, directory_key, forget_secret, keep_secret, secret
from rosterdesk.errors import SecretError

SALT = bytes(range(16))


class PlaintextKeyring(keyring.backend.KeyringBackend):
    """Stands for the backends that write secrets into a readable file."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("must not be asked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise AssertionError("must not be asked")


class LockedKeyring(keyring.backend.KeyringBackend):
    """A keyring whose owner does not unlock it."""

    priority = 1  # type: ignore[assignment]

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked("locked")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked("locked")


def test_a_secret_is_kept_replaced_and_forgotten() -> None:
    assert secret("connection", "north") is None
    keep_secret("connection", "north", "one")
    keep_secret("connection", "north", "two")
    assert secret("connection", "north") == "two"
    assert secret("directory", "north") is None
    forget_secret("connection", "north")
    forget_secret("connection", "north")
    assert secret("connection", "north") is None


def test_the_keyring_gets_one_random_key_a_directory(secrets: Any) -> None:
    key = directory_key(KeySource(), SALT, create=True)
    assert key is not None
    assert len(key) == 32
    assert directory_key(KeySource(), SALT, create=False) == key
    assert directory_key(KeySource(), SALT, create=True) == key
    assert directory_key(KeySource(), bytes(16), create=True) != key
    assert all(service == "RosterDesk" for service, _ in secrets.secrets)


def test_a_key_that_the_keyring_does_not_know_is_not_made_up() -> None:
    with pytest.raises(SecretError, match="not in the keyring"):
        directory_key(KeySource(), SALT, create=False)


def test_a_damaged_key_is_said(secrets: Any) -> None:
    keep_secret("directory", SALT.hex(), "zz")
    with pytest.raises(SecretError, match="damaged"):
        directory_key(KeySource(), SALT, create=True)


@pytest.mark.parametrize(
    "backend", [fail.Keyring, null.Keyring, chainer.ChainerBackend, PlaintextKeyring, LockedKeyring]
)
def test_without_a_usable_keyring_the_three_ways_are_named(
    backend: type[keyring.backend.KeyringBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    if backend is chainer.ChainerBackend:
        monkeypatch.setattr(backend, "backends", [])
    keyring.set_keyring(backend())  # type: ignore[no-untyped-call]
    with pytest.raises(SecretError) as caught:
        directory_key(KeySource(), SALT, create=True)
    for way in ("desktop", "ROSTERDESK_PASSPHRASE", "--key-file"):
        assert way in caught.value.advice
    with pytest.raises(SecretError):
        keep_secret("connection", "north", "one")


def test_a_passphrase_makes_the_same_key_for_the_same_salt_only() -> None:
    source = KeySource(passphrase="correct horse")
    key = directory_key(source, SALT, create=True)
    assert key == directory_key(source, SALT, create=False)
    assert key != directory_key(source, bytes(16), create=False)
    assert "horse" not in repr(source)


def test_the_environment_holds_only_when_nothing_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KeySource.chosen() == KeySource()
    monkeypatch.setenv("ROSTERDESK_PASSPHRASE", "p")
    assert KeySource.chosen() == KeySource(passphrase="p")
    assert KeySource.chosen(passphrase="q") == KeySource(passphrase="q")
    assert KeySource.chosen(file=Path("k")) == KeySource(file=Path("k"))
    assert KeySource.chosen(unencrypted=True) == KeySource(unencrypted=True)


def test_a_key_file_is_made_owner_only_and_read_again(tmp_path: Path) -> None:
    source = KeySource(file=tmp_path / "key")
    with pytest.raises(SecretError, match="There is no key file"):
        directory_key(source, SALT, create=False)
    key = directory_key(source, SALT, create=True)
    assert directory_key(source, SALT, create=True) == key == directory_key(source, SALT, create=False)
    if os.name == "posix":
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    source = KeySource(file=tmp_path / "key")
    directory_key(source, SALT, create=True)
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(SecretError, match="Others can read"):
        directory_key(source, SALT, create=False)


@pytest.mark.parametrize("content", [b"", b"abc", b"\xff\xfe", b"0" * 63, b"0" * 66])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(SecretError, match="is not a key file"):
        directory_key(KeySource(file=path), SALT, create=False)


def test_a_folder_is_no_key_file(tmp_path: Path) -> None:
    with pytest.raises(SecretError):
        directory_key(KeySource(file=tmp_path), SALT, create=False)


def test_unencrypted_has_no_key() -> None:
    assert directory_key(KeySource(unencrypted=True), SALT, create=True) is None
