"""The vault: secrets leave it as ciphertext for the database and come back as text for those who need them."""

from dataclasses import dataclass, field
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import UnreadableSecret
from core.services.vault_key import KEY_BYTES, as_fernet_key

SEALED = "v1:"
"""What ciphertext in the database begins with, so that it is told from what older versions stored in clear."""
_AT_REST = "secrets at rest"


@dataclass(frozen=True)
class Vault:
    """Encrypts and decrypts text: the first of `keys` (32 bytes each) encrypts, every one of them decrypts."""

    keys: tuple[bytes, ...] = field(repr=False)

    def encrypt(self, text: str) -> str:
        """Return what may be stored: a mark and a Fernet token."""
        return SEALED + self._all.encrypt(text.encode()).decode()

    def decrypt(self, stored: str, what: str) -> str:
        """Return the text behind a stored value (UnreadableSecret, which names `what` it is: none of the keys fits).

        A value without the mark is from an older version, not yet encrypted, and is returned as it stands.
        """
        if not stored.startswith(SEALED):
            return stored
        try:
            return self._all.decrypt(stored.removeprefix(SEALED)).decode()
        except InvalidToken as error:
            raise UnreadableSecret(what=what) from error

    def can_read(self, stored: str) -> bool:
        """Tell whether one of the keys opens a stored value."""
        return not stored.startswith(SEALED) or (bool(self.keys) and _opens(self._all, stored))

    def renew(self, stored: str) -> str:
        """Return the value as the first key writes it; what is so already, or cannot be read, stays as it is."""
        if not self.can_read(stored) or (stored.startswith(SEALED) and _opens(self._first, stored)):
            return stored
        return self.encrypt(self.decrypt(stored, "a secret"))

    def derive(self, purpose: str) -> tuple[bytes, ...]:
        """Return 32 bytes of each key for one purpose, of no use for another (HKDF-SHA256, RFC 5869)."""
        return tuple(_derived(key, purpose) for key in self.keys)

    @cached_property
    def _all(self) -> MultiFernet:
        return MultiFernet([Fernet(as_fernet_key(key)) for key in self.derive(_AT_REST)])

    @cached_property
    def _first(self) -> MultiFernet:
        return MultiFernet([Fernet(as_fernet_key(_derived(self.keys[0], _AT_REST)))])


def _opens(keys: MultiFernet, sealed: str) -> bool:
    try:
        keys.decrypt(sealed.removeprefix(SEALED))
    except InvalidToken:
        return False
    return True


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"slotwise {purpose}".encode()).derive(key)
