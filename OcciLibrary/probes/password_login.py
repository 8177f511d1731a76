"""Whether a machine would let somebody in by password: it is asked, with no password of anybody's."""

from __future__ import annotations

import importlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from .guest import GuestLogin, GuestProblem, open_unauthenticated
from .quoting import escaped

_MOST_WAYS = 10


@dataclass(frozen=True, slots=True)
class PasswordDoor:
    """What an ssh server says to somebody without a key.

    ``asks`` tells whether it takes passwords from this user at all, ``ways`` are the ways it takes, as it words them;
    ``let_in_with`` is '' or what it was content with; ``problem`` says why it could not be asked, or ''.
    """

    asks: bool = False
    ways: tuple[str, ...] = ()
    let_in_with: str = ""
    problem: str = ""


def try_password_door(host: str, port: int, username: str, timeout: float) -> PasswordDoor:
    """Tries to get in as a user without anything, with an empty password and with a random one; runs nothing inside.

    Each try has a connection of its own and ``timeout`` seconds. Raises nothing for what the machine does.
    """
    login = GuestLogin(host, port, username)
    try:
        ways = _ways(login, timeout)
        if ways is None:
            return PasswordDoor(asks=True, let_in_with="nothing at all")
        if not {"password", "keyboard-interactive"} & set(ways):
            return PasswordDoor(ways=ways)
        for words, password in (("an empty password", ""), ("a random password", secrets.token_urlsafe(24))):
            if _lets_in(login, password, timeout):
                return PasswordDoor(True, ways, words)
    except GuestProblem as problem:
        return PasswordDoor(problem=str(problem))
    return PasswordDoor(True, ways)


def _ways(login: GuestLogin, timeout: float) -> tuple[str, ...] | None:
    """Returns the ways in that the server takes, None where it let the user in without any. Raises GuestProblem."""
    errors = importlib.import_module("paramiko")
    with _connection(login, timeout) as transport:
        try:
            transport.auth_none(login.username)
        except errors.BadAuthenticationType as answer:
            return tuple(escaped(str(way), 40) for way in answer.allowed_types[:_MOST_WAYS])
        except (errors.SSHException, EOFError, OSError) as error:
            said = escaped(str(error), 80) or type(error).__name__
            raise GuestProblem(f"The ssh server does not say how it lets people in ({said}).") from None
    return None


def _lets_in(login: GuestLogin, password: str, timeout: float) -> bool:
    """Tells whether a password lets the user in; a server that hangs up lets nobody in. Raises GuestProblem."""
    errors = importlib.import_module("paramiko")
    with _connection(login, timeout) as transport:
        try:
            transport.auth_password(login.username, password)
        except (errors.SSHException, EOFError, OSError):
            return False
        return bool(transport.is_authenticated())


@contextmanager
def _connection(login: GuestLogin, timeout: float) -> Iterator[Any]:
    transport = open_unauthenticated(login, timeout)
    try:
        yield transport
    finally:
        transport.close()
        transport.sock.close()
