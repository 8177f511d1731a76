"""Runs one command on a machine over an open ssh connection, bounded in time and in what is read of its output."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from .line_connection import Deadline
from .quoting import escaped

MAX_OUTPUT = 64 * 1024
"""Bytes that are read of a command's output; what comes behind them is left unread."""
_TICK = 0.1
_PIECE = 4096


@dataclass(frozen=True, slots=True)
class CommandRun:
    """What a command gave: its output, its exit status (None: not known), and '' or why it could not be run to its end."""

    output: bytes
    status: int | None = None
    problem: str = ""

    @property
    def text(self) -> str:
        """Gives the output as text, without the white space around it."""
        return self.output.decode("utf-8", "replace").strip()

    @property
    def last_line(self) -> str:
        """Gives the last line of the output: before it may stand what a user's shell says at every login."""
        return self.text.rpartition("\n")[2].strip()


def run_command(transport: Any, command: str, deadline: Deadline, most: int = MAX_OUTPUT) -> CommandRun:
    """Runs a command over a ``paramiko.Transport``, reading its standard output until it ends, ``most`` bytes or the deadline.

    Raises nothing for what the machine does: what came until then is returned with the problem.
    """
    errors = importlib.import_module("paramiko").SSHException, EOFError, OSError
    received = bytearray()
    channel = None
    try:
        channel = transport.open_session(timeout=max(_TICK, deadline.left()))
        channel.settimeout(max(_TICK, deadline.left()))
        channel.exec_command(command)
        ended = False
        while not ended and len(received) < most and not deadline.over():
            data = channel.recv(_PIECE)
            received += data
            ended = not data
        status = _status(channel, deadline) if ended else None
    except errors as error:
        return CommandRun(bytes(received[:most]), None, _why(error, deadline))
    finally:
        if channel is not None:
            channel.close()
    problem = "" if status is not None else _unfinished(len(received) >= most, most, deadline)
    return CommandRun(bytes(received[:most]), status, problem)


def _status(channel: Any, deadline: Deadline) -> int | None:
    if not channel.status_event.wait(max(_TICK, deadline.left())):
        return None
    status = int(channel.recv_exit_status())
    return None if status < 0 else status


def _why(error: Exception, deadline: Deadline) -> str:
    if isinstance(error, TimeoutError) or deadline.over():
        return f"it did not end within {deadline.seconds:.1f} s"
    said = escaped(str(error), 120)
    return f"the connection broke off ({said})" if said else "the connection broke off"


def _unfinished(overfull: bool, most: int, deadline: Deadline) -> str:
    if overfull:
        return f"it gave more than {most} bytes"
    if deadline.over():
        return f"it did not end within {deadline.seconds:.1f} s"
    return "the connection broke off before it ended"
