"""Where the vault's keys come from: the setting, and a file that the first start makes."""

import base64
import binascii
import hashlib
import re
from contextlib import suppress
from pathlib import Path

from core.errors import Duplicate, UnusableSecretKey, UnwritableFile
from core.services.new_files import new_file
from core.settings import Settings
from core.storage.ids import new_vault_key

KEY_BYTES = 32
SHORTEST = 20
"""Characters a passphrase has at least: it is stretched, but nobody counts the guesses of a thief."""
_SETTING = "SLOTWISE_SECRET_KEY"
_FERNET = re.compile(r"[A-Za-z0-9_-]{43}=")
_SALT = b"slotwise secret key"
"""Fixed, because there is nowhere to keep another: the same words give the same key on every machine of a team."""


def open_keys(settings: Settings) -> tuple[bytes, ...]:
    """Return the keys, making the file where there is none at all (UnusableSecretKey). Two processes may ask at once.

    With keys in the setting, a file that is still there decrypts too: so one moves from the file to the setting.
    """
    keys = find_keys(settings)
    if keys:
        return keys
    _make(settings.secret_file)
    return find_keys(settings)


def find_keys(settings: Settings) -> tuple[bytes, ...]:
    """Return the keys there are, the one that encrypts first; none is made (UnusableSecretKey)."""
    told = [part.strip() for part in settings.secret_key.get_secret_value().split(",")]
    keys = [_read(part) for part in told if part]
    return (*keys, *_of_file(settings.secret_file))


def as_fernet_key(key: bytes) -> bytes:
    """Return 32 bytes as Fernet takes them."""
    return base64.urlsafe_b64encode(key)


def _read(told: str) -> bytes:
    if _FERNET.fullmatch(told):
        return base64.urlsafe_b64decode(told)
    if len(told) < SHORTEST:
        fix = f"Give a Fernet key, or a passphrase of {SHORTEST} or more characters without commas."
        raise UnusableSecretKey(where=f"in {_SETTING}", reason=f"it has only {len(told)} characters", fix=fix)
    return hashlib.scrypt(told.encode(), salt=_SALT, n=2**14, r=8, p=1, dklen=KEY_BYTES)


def _of_file(file: Path) -> tuple[bytes, ...]:
    fix = "Put the file back as it was, or move it away to go on with a new key; secrets are then to be given anew."
    try:
        text = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ()
    except OSError as error:
        fix = f"Give the user that runs Slotwise the right to read it, or set {_SETTING}."
        raise UnusableSecretKey(where=str(file), reason=error.strerror or str(error), fix=fix) from error
    except UnicodeDecodeError as error:
        raise UnusableSecretKey(where=str(file), reason="it is not text", fix=fix) from error
    with suppress(binascii.Error):
        if _FERNET.fullmatch(text):
            return (base64.urlsafe_b64decode(text),)
    raise UnusableSecretKey(where=str(file), reason="it does not hold the 44 characters of a Fernet key", fix=fix)


def _make(file: Path) -> None:
    """Write a new key to a file of its own that takes the name when it is whole; whoever comes second reads it."""
    try:
        with suppress(Duplicate), new_file(file) as part:
            part.write_text(new_vault_key() + "\n", encoding="ascii")
    except UnwritableFile as error:
        fix = f"Give this user the right to write there, or set {_SETTING}."
        raise UnusableSecretKey(where=str(file), reason=error.reason, fix=fix) from error
