"""Secrets by kind and name, in the system keyring, and where the key of an embedded directory comes from.

The only module that knows `keyring`. A directory's key is kept under the salt with which its file begins, so that it is
found again wherever the file is moved to.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rosterdesk.errors import SecretError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "RosterDesk"
PASSPHRASE_VARIABLE = "ROSTERDESK_PASSPHRASE"
_KEY_BYTES = 32
# SQLCipher 4 makes its key from a passphrase just so (https://www.zetetic.net/sqlcipher/design/). Doing it here, once,
# spares every further connection the quarter of a million rounds, and the file still opens with the passphrase in any
# SQLCipher tool.
_ROUNDS = 256_000
_THREE_WAYS = (
    f"Sign in to a desktop whose keyring is unlocked, or set {PASSPHRASE_VARIABLE} to a passphrase of your own, "
    "or name a key file with --key-file."
)


@dataclass(frozen=True, slots=True)
class KeySource:
    """Where a directory's key comes from: a passphrase, a key file, nowhere (`unencrypted`), or the keyring."""

    passphrase: str | None = field(default=None, repr=False)
    file: Path | None = None
    unencrypted: bool = False

    @classmethod
    def chosen(cls, *, file: Path | None = None, unencrypted: bool = False, passphrase: str | None = None) -> KeySource:
        """What the person asked for; when they named nothing, the passphrase in the environment if there is one."""
        if not (file or unencrypted or passphrase):
            passphrase = os.environ.get(PASSPHRASE_VARIABLE) or None
        return cls(passphrase, file, unencrypted)


def directory_key(source: KeySource, salt: bytes, *, create: bool) -> bytes | None:
    """The 32 bytes that open the directory with this salt; None: it is not encrypted.

    With `create` a key that does not exist yet is made and kept first. Raises `SecretError`.
    """
    if source.unencrypted:
        return None
    if source.passphrase is not None:
        return hashlib.pbkdf2_hmac("sha512", source.passphrase.encode(), salt, _ROUNDS, _KEY_BYTES)
    if source.file is not None:
        return _from_file(source.file, create=create)
    return _from_keyring(salt.hex(), create=create)


def keyring_name() -> str | None:
    """What the system's keyring calls itself, or None where there is no usable one."""
    try:
        return _backend().name
    except SecretError:
        return None


def secret(kind: str, name: str) -> str | None:
    """The secret of that kind and name, or None. Raises `SecretError` where there is no usable keyring."""
    import keyring.errors

    backend = _backend()
    try:
        return backend.get_password(SERVICE, f"{kind} {name}")
    except (keyring.errors.KeyringError, OSError) as error:
        raise SecretError("The system keyring could not be read.", _THREE_WAYS, type(error).__name__) from error


def keep_secret(kind: str, name: str, value: str) -> None:
    """Keep a secret, in place of an earlier one. Raises `SecretError`."""
    import keyring.errors

    backend = _backend()
    try:
        backend.set_password(SERVICE, f"{kind} {name}", value)
    except (keyring.errors.KeyringError, OSError) as error:
        raise SecretError("The system keyring did not take the secret.", _THREE_WAYS, type(error).__name__) from error


def forget_secret(kind: str, name: str) -> None:
    """Remove a secret if it is there. Raises `SecretError`."""
    import keyring.errors

    if secret(kind, name) is None:
        return
    try:
        _backend().delete_password(SERVICE, f"{kind} {name}")
    except (keyring.errors.KeyringError, OSError) as error:
        raise SecretError(
            "The secret could not be removed from the system keyring.", "", type(error).__name__
        ) from error


def _backend() -> KeyringBackend:
    import keyring
    import keyring.errors

    try:
        backend = keyring.get_keyring()
    except (keyring.errors.KeyringError, OSError, RuntimeError) as error:
        raise SecretError("This computer has no keyring for secrets.", _THREE_WAYS, type(error).__name__) from error
    kind = f"{type(backend).__module__}.{type(backend).__name__}"
    # The fail and null backends keep nothing, and a chain of none is empty; others would keep the secret readable for
    # anyone.
    empty = kind.endswith("ChainerBackend") and not getattr(backend, "backends", True)
    if empty or kind.startswith(("keyring.backends.fail.", "keyring.backends.null.")):
        raise SecretError("This computer has no keyring for secrets.", _THREE_WAYS, kind)
    if "plaintext" in kind.lower():
        raise SecretError("The keyring set up here keeps secrets as plain text.", _THREE_WAYS, kind)
    return backend


def _from_keyring(name: str, *, create: bool) -> bytes:
    kept = secret("directory", name)
    if kept is not None:
        return _parsed(kept, "The key in the system keyring is damaged.", "Restore the keyring from a backup.")
    if not create:
        raise SecretError(
            "The key of this directory is not in the keyring of this user.",
            "Open it as the user who made it, or with the passphrase or the key file it was made with.",
        )
    key = secrets.token_bytes(_KEY_BYTES)
    keep_secret("directory", name, key.hex())
    return key


def _from_file(path: Path, *, create: bool) -> bytes:
    try:
        if create and not path.exists():
            key = secrets.token_bytes(_KEY_BYTES)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(key.hex() + "\n")
            return key
        if sys.platform != "win32" and path.stat().st_mode & 0o077:
            raise SecretError(f"Others can read the key file {path}.", f"Make it yours alone: chmod 600 {path}")
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise SecretError(
            f"There is no key file {path}.", "Name the file that was made together with the directory."
        ) from error
    except UnicodeDecodeError as error:
        raise SecretError(f"{path} is not a key file.", "A key file holds 64 hexadecimal digits.") from error
    except OSError as error:
        raise SecretError(
            f"The key file {path} cannot be used.", "Check that you may read it.", error.strerror or ""
        ) from error
    return _parsed(text, f"{path} is not a key file.", "A key file holds 64 hexadecimal digits.")


def _parsed(text: str, title: str, advice: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise SecretError(title, advice)
    return key
