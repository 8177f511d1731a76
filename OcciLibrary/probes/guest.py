"""The guest probe: asks the machine itself, over ssh, since when it runs and what it has.

What it tells is the machine's own account, past the site's API: the boot id and the boot time show whether a restart took
place and whether a suspended machine kept its memory (design §6).
"""

from __future__ import annotations

import importlib
import io
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from .guest_answer import SCRIPT, Answers, read_answers
from .guest_command import run_command
from .host_key import HostKeyError, PinnedKey, fingerprint, pinned
from .line_connection import Deadline, NotConnectedError, open_connection
from .quoting import escaped, quoted

MAX_ANSWER = 32 * 1024
"""Bytes that are read of the machine's answer."""
MAX_RECEIVED = 512 * 1024
"""Bytes that are received in all, the ssh handshake included."""
MAX_IN_SESSION = 64 * 1024 * 1024
"""Bytes that a login which stays open receives in all: nobody reads more of a machine's answers."""
BETWEEN_TRIES = 0.1
_TICK = 0.1
_LOG = "OcciLibrary.guest"


@dataclass(frozen=True, slots=True)
class GuestLogin:
    """Where and as whom to log in: with a password, or with a private key file, whose passphrase the password then is.

    ``private_key`` is such a key itself, in OpenSSH's form. ``host_key`` pins the machine's key: a line such as ``ssh-ed25519 AAAA...``, or a fingerprint ``SHA256:...``.
    """

    host: str
    port: int
    username: str
    password: str = field(default="", repr=False)
    key_file: str = ""
    host_key: str = ""
    private_key: str = field(default="", repr=False)

    @property
    def where(self) -> str:
        """Names the login for a sentence."""
        return f"the ssh login {escaped(self.username, 40)}@{escaped(self.host, 80)} port {self.port}"


@dataclass(frozen=True, slots=True)
class GuestAccount:
    """What a machine says of itself; what it does not say is '' or None.

    ``problem`` is '' when it could be asked, else one plain sentence; ``final`` says that asking again will not
    help (credentials, host key). ``boot_time`` and ``clock`` are seconds since 1970 by the machine's clock, ``memory`` is
    in GiB, ``first_process`` is when the first process began, in ticks since the kernel's boot. ``asked_at`` is
    the tester's clock (seconds since 1970) at the answer, ``seconds`` is how long the asking took.
    """

    boot_id: str = ""
    boot_time: float | None = None
    clock: float | None = None
    first_process: int | None = None
    hostname: str = ""
    cores: int | None = None
    memory: float | None = None
    host_key: str = ""
    problem: str = ""
    final: bool = False
    asked_at: float = 0.0
    seconds: float = 0.0


def ask_guest(login: GuestLogin, timeout: float = 5.0) -> GuestAccount:
    """Logs in once and reads the machine's account of itself.

    A connection that is refused or breaks is tried again until ``timeout`` seconds are over, because an ssh server may
    come up a little later than the rest of the machine. Raises nothing for what the machine does.
    Source: wiki, steps 4.3 and 5.6; design §6.
    """
    deadline = Deadline(timeout)
    earlier = None
    while True:
        account = _ask_once(login, deadline)
        if deadline.over() and account.problem:
            account = earlier or account  # the last try was cut short: what an earlier one met says more
        if not account.problem or account.final or deadline.left() <= BETWEEN_TRIES:
            return replace(account, seconds=deadline.spent())
        earlier = account
        threading.Event().wait(BETWEEN_TRIES)


def glance_at_guest(login: GuestLogin, seconds: float = 2.0) -> GuestAccount:
    """Tries to log in once and reads the account; the problem of one that is silent says how. Raises nothing."""
    return _ask_once(login, Deadline(seconds))


def load() -> None:
    """Imports the ssh client, which takes a few tenths of a second: a caller may do so ahead, in a thread."""
    importlib.import_module("paramiko")


class GuestProblem(Exception):
    """Says why the machine could not be asked, in one plain sentence; `final` says that asking again will not help."""

    ROBOT_SUPPRESS_NAME = True

    def __init__(self, words: str, final: bool = False) -> None:
        super().__init__(words)
        self.final = final


class HostKeyChanged(GuestProblem):
    """Says that a machine shows another host key than the pinned one; `shown` and `wanted` are the two fingerprints."""

    def __init__(self, words: str, shown: str, wanted: str) -> None:
        super().__init__(words, final=True)
        self.shown = shown
        self.wanted = wanted


class _NeedsPassphrase(Exception):
    """Says that a private key is locked."""


def _ask_once(login: GuestLogin, deadline: Deadline) -> GuestAccount:
    try:
        with _transport(login, deadline) as (transport, key):
            _log_in(transport, login, deadline)
            answers = _answers(transport, login, deadline)
    except GuestProblem as problem:
        return GuestAccount(problem=str(problem), final=problem.final)
    return _account(answers, key)


def open_login(login: GuestLogin, timeout: float = 10.0) -> tuple[Any, str]:
    """Logs in; returns the open connection (a ``paramiko.Transport``, the caller's to close) and the host key's fingerprint.

    The login is bounded by ``timeout`` seconds, within which it is tried again as in `ask_guest`; what the caller then
    does with the connection is not bounded in time, and breaks off after ``MAX_IN_SESSION`` bytes. Raises GuestProblem.
    """
    deadline = Deadline(timeout)
    earlier: GuestProblem | None = None
    while True:
        try:
            transport, key = _logged_in(login, deadline)
        except GuestProblem as problem:
            if problem.final or deadline.left() <= BETWEEN_TRIES:
                raise (earlier if deadline.over() and earlier else problem) from None
            earlier = problem
            threading.Event().wait(BETWEEN_TRIES)
        else:
            transport.sock.lift_bounds()
            return transport, key


def open_unauthenticated(login: GuestLogin, timeout: float = 10.0) -> Any:
    """Opens an ssh connection whose host key is checked, and logs nobody in; it is a ``paramiko.Transport``, the caller's to close.

    It is tried once and bounded by ``timeout`` seconds in all. Raises GuestProblem.
    """
    return _connected(login, Deadline(timeout))[0]


def _logged_in(login: GuestLogin, deadline: Deadline) -> tuple[Any, str]:
    transport, key = _connected(login, deadline)
    try:
        _log_in(transport, login, deadline)
    except BaseException:
        _close(transport)
        raise
    return transport, key


@contextmanager
def _transport(login: GuestLogin, deadline: Deadline) -> Iterator[tuple[Any, str]]:
    """Opens an ssh connection, its host key checked; yields it and the key's fingerprint."""
    transport, key = _connected(login, deadline)
    try:
        yield transport, key
    finally:
        _close(transport)


def _connected(login: GuestLogin, deadline: Deadline) -> tuple[Any, str]:
    """Returns an open ssh connection, its host key checked, and the key's fingerprint."""
    try:
        key = pinned(login.host_key)
        connection = open_connection(login.host, login.port, deadline)
    except HostKeyError as error:
        raise GuestProblem(str(error), final=True) from None
    except NotConnectedError as error:
        raise GuestProblem(f"{_capital(login.where)} cannot be reached: {error}") from None
    bounded = _Bounded(connection, deadline)
    try:
        transport = _negotiated(bounded, login, key, deadline)
    except BaseException:
        bounded.close()
        raise
    try:
        return transport, _checked(transport, login, key)
    except BaseException:
        _close(transport)
        raise


def _close(transport: Any) -> None:
    transport.close()
    transport.sock.close()


def _negotiated(connection: _Bounded, login: GuestLogin, key: PinnedKey | None, deadline: Deadline) -> Any:
    paramiko = _paramiko()
    transport = paramiko.Transport(connection)
    transport.set_log_channel(_LOG)
    transport.daemon = True
    transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = deadline.left()
    if key is not None and key.kind:
        options = transport.get_security_options()
        # The pinned kind first: a machine has keys of several kinds, and shows the one that is asked for.
        options.key_types = sorted(options.key_types, key=lambda kind: not key.is_of(kind))
    try:
        transport.start_client(timeout=deadline.left())
    except Exception as error:
        transport.close()
        raise _broken(login, error, deadline, connection) from None
    if not transport.initial_kex_done:
        transport.close()
        raise _broken(login, TimeoutError(), deadline, connection)
    return transport


def _broken(login: GuestLogin, error: Exception, deadline: Deadline, connection: _Bounded) -> GuestProblem:
    """Words what broke the handshake; old images' ssh servers get a sentence that says what helps."""
    words = str(error)
    old = "no acceptable" in words or "can't match" in words
    if old and isinstance(error, _paramiko().ssh_exception.IncompatiblePeer):
        return GuestProblem(
            f"{_capital(login.where)} offers only ways of encryption that are no longer trusted ({escaped(words)}). For such "
            "old images install the extra old-images: pip install 'robotframework-occilibrary[old-images]'.",
            final=True,
        )
    if connection.beginning and not connection.beginning.startswith(b"SSH-"):
        return GuestProblem(
            f"{_capital(login.where)} does not speak ssh: it sent {quoted(connection.beginning, 60)}."
        )
    if isinstance(error, TimeoutError) or deadline.over() or connection.overfull or not connection.received:
        return GuestProblem(f"{_capital(login.where)} {_unfinished(deadline, connection)}.")
    why = escaped(words) or type(error).__name__
    return GuestProblem(f"{_capital(login.where)} broke off the ssh handshake ({why}).")


def _unfinished(deadline: Deadline, connection: _Bounded) -> str:
    if connection.overfull:
        return f"sent more than {MAX_RECEIVED} bytes without end"
    if connection.received:
        return f"did not finish the ssh handshake within {deadline.seconds:.1f} s"
    if deadline.over():
        return f"accepted the connection, but said nothing within {deadline.seconds:.1f} s"
    return "closed the connection without a word"


def _checked(transport: Any, login: GuestLogin, key: PinnedKey | None) -> str:
    """Returns the fingerprint of the machine's key. Raises GuestProblem when it is not the pinned one."""
    shown = transport.get_remote_server_key()
    found = fingerprint(shown.asbytes())
    if key is not None and not key.fits(shown.asbytes()):
        raise HostKeyChanged(
            f"{_capital(login.where)} shows another host key than the site file says: {escaped(shown.get_name(), 40)} {found} "
            f"instead of {key.shown}. Either the address leads to another machine, or the VM was rebuilt since: "
            "ask the site's admin whether it was, and put the right key into ${SSH_HOST_KEY}. Nobody was logged in.",
            found,
            key.shown,
        )
    return found


def _log_in(transport: Any, login: GuestLogin, deadline: Deadline) -> None:
    paramiko = _paramiko()
    key = _private_key(login) if login.key_file or login.private_key else None
    try:
        if key is not None:
            transport.auth_publickey(login.username, key)
        else:
            transport.auth_password(login.username, login.password)
    except paramiko.AuthenticationException as error:
        if deadline.over() or not transport.is_active():
            raise _lost(login, deadline) from None
        raise _refused(login, error) from None
    except (paramiko.SSHException, EOFError, OSError):
        raise _lost(login, deadline) from None
    if not transport.is_authenticated():
        words = f"{_capital(login.where)} wants more than the site file gives to log in."
        raise GuestProblem(words, final=True)


def _refused(login: GuestLogin, error: Exception) -> GuestProblem:
    by_key = login.key_file or login.private_key
    what, variable = ("key", "${SSH_KEY}") if by_key else ("password", "${SSH_PASSWORD}")
    if isinstance(error, _paramiko().BadAuthenticationType):
        ways = escaped(", ".join(map(str, error.allowed_types)), 80)
        words = f"{_capital(login.where)} lets nobody in with a {what}, only with: {ways}."
    else:
        words = f"{_capital(login.where)} refuses the {what}: check ${{SSH_USERNAME}} and {variable}."
    return GuestProblem(words, final=True)


def _lost(login: GuestLogin, deadline: Deadline) -> GuestProblem:
    if deadline.over():
        return GuestProblem(
            f"{_capital(login.where)} did not let anybody in within {deadline.seconds:.1f} s."
        )
    return GuestProblem(f"{_capital(login.where)} broke off the connection during the login.")


def _private_key(login: GuestLogin) -> Any:
    """Reads the private key, its passphrase being the password where it has one."""
    if login.private_key:
        return _paramiko().Ed25519Key.from_private_key(io.StringIO(login.private_key))
    try:
        return _key_with(login, None)
    except _NeedsPassphrase:
        pass
    if login.password:
        return _key_with(login, login.password.encode())
    why = "it needs a passphrase; give it as ${SSH_PASSWORD}"
    raise GuestProblem(f"The private key of {login.where} cannot be used: {why}.", final=True)


def _key_with(login: GuestLogin, passphrase: bytes | None) -> Any:
    paramiko = _paramiko()
    try:
        return paramiko.PKey.from_path(login.key_file, passphrase)  # its name differs between releases
    except OSError as error:
        raise GuestProblem(
            f"The private key of {login.where} cannot be read: {error.strerror}.", final=True
        ) from None
    except Exception as error:  # each kind of key has kinds of errors of its own
        if isinstance(error, (paramiko.PasswordRequiredException, TypeError)):
            raise _NeedsPassphrase from None
        why = "it is damaged, of an unknown kind, or its passphrase (${SSH_PASSWORD}) is another one"
        raise GuestProblem(f"The private key of {login.where} cannot be used: {why}.", final=True) from None


def _answers(transport: Any, login: GuestLogin, deadline: Deadline) -> Answers:
    # What came before it broke off or the time was over may be enough.
    received = run_command(transport, SCRIPT, deadline, MAX_ANSWER).output
    answers = read_answers(received)
    if not answers.anything:
        got = f"it answered {quoted(received, 60)}" if received else "it answered nothing"
        raise GuestProblem(
            f"{_capital(login.where)} works, but the machine does not tell since when it runs: {got}."
        )
    return answers


def _account(answers: Answers, key: str) -> GuestAccount:
    return GuestAccount(
        boot_id=answers.boot_id,
        boot_time=answers.boot_time,
        clock=answers.clock,
        first_process=answers.first_process,
        hostname=answers.hostname,
        cores=answers.cores,
        memory=answers.memory,
        host_key=key,
        asked_at=time.time(),
    )


class _Bounded:
    """A socket that ends with the deadline and after so many bytes, whatever comes: what paramiko reads from."""

    def __init__(self, connection: Any, deadline: Deadline) -> None:
        self._socket = connection
        self._deadline: Deadline | None = deadline
        self._closed = False  # paramiko looks at this name
        self.received = 0
        self.beginning = b""
        self._most = MAX_RECEIVED

    @property
    def overfull(self) -> bool:
        """Says whether more came than is read."""
        return self.received > self._most

    def lift_bounds(self) -> None:
        """Lets the connection be used for as long as its owner wants, for far more bytes than a login takes."""
        self._deadline = None
        self._most = MAX_IN_SESSION

    def _over(self) -> bool:
        return self._deadline is not None and self._deadline.over()

    def recv(self, size: int) -> bytes:
        """Reads some bytes; nothing more when the time is over or too much has come."""
        if self._over() or self.overfull:
            return b""
        data: bytes = self._socket.recv(size)
        self.received += len(data)
        self.beginning = (self.beginning + data)[:80] if len(self.beginning) < 80 else self.beginning
        return data

    def send(self, data: bytes) -> int:
        """Writes some bytes; the number of them is returned, 0 when the time is over."""
        if self._over():
            return 0
        sent: int = self._socket.send(data)
        return sent

    def settimeout(self, seconds: float | None) -> None:
        """Bounds each single call: paramiko looks around that often."""
        self._socket.settimeout(_TICK if seconds is None else min(seconds, _TICK))

    def close(self) -> None:
        """Closes the connection."""
        self._closed = True
        self._socket.close()


def _paramiko() -> Any:
    # Late, because it takes long to import. Its own log would put tracebacks into the tester's.
    logger = logging.getLogger(_LOG)
    logger.propagate = False
    logger.setLevel(logging.CRITICAL + 1)
    return importlib.import_module("paramiko")


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
