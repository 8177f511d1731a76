"""A key pair made for one run: its public half goes to the site, its private half stays in this process."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeyPair:
    """An ed25519 key pair in OpenSSH's forms: ``private`` is PEM text, ``public`` one line."""

    public: str
    private: str = field(repr=False)


def fresh_key_pair(comment: str) -> KeyPair:
    """Returns a new key pair; the comment stands behind the public key."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415 - it takes long to import
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.OpenSSH, form.NoEncryption())
    public = key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH)
    return KeyPair(f"{public.decode()} {comment}", private.decode())
