"""What all logins have in common."""

from __future__ import annotations

from collections.abc import Iterable

from requests.auth import AuthBase

from OcciLibrary.occi.request_errors import LoginRefused


class MaskedHeader(str):
    """Is a header value that shows itself as `<secret>` wherever it is logged by its representation."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'<secret>'"


class Login(AuthBase):
    """Is the base of the logins.

    `ready` is called before a request and may take its time, `renew` after a 401: it returns True when the request may
    be mended by asking once more. Both may raise `LoginRefused`, which says what to do.
    """

    def ready(self) -> None:
        """Obtains what the first request needs; most logins have it already."""

    def renew(self, www_authenticate: str) -> bool:
        """Returns whether new proof was obtained after a 401; most logins have only what they were given."""
        return False

    def learn_echo(self, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Learns, as a secret, a proof that is new in every request where the answer shows it back."""


def carried(value: MaskedHeader) -> MaskedHeader:
    """Returns a value that a header can carry; the error of http.client would show the token."""
    if not (value.isascii() and value.isprintable()):
        raise LoginRefused("The token holds line ends or other characters that no HTTP header can carry")
    return value
