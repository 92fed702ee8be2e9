"""RSA keys that sign tokens, and the public halves that verify them."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from local.runtime.private_files import write_private


def create_signing_key(path: Path) -> None:
    """Write a new private key of 2048 bits, for RS256, as a PEM file of mode 0600."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    write_private(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def write_public_key(private: Path, public: Path) -> None:
    """Write the public half of the key in the file ``private`` to the file ``public``, both PEM."""
    key = load_pem_private_key(private.read_bytes(), password=None).public_key()
    write_private(public, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
