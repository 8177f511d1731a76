"""Faults of the echo service in the VM and of the VM's ssh login (wiki, steps 3.4, 4.5, 5.4, 5.7, 6.3)."""

from __future__ import annotations

from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.fault import Fault, fixed


def _echo(way: str, breaks: str, aimed_at: str = "3.4") -> Fault:
    return fixed(f"echo-{way}", breaks, aimed_at, Conduct(echo=way))


ECHO_FAULTS = (
    _echo("closed", "Nothing listens on the echo service's port."),
    _echo("mute", "The echo service accepts connections and says nothing."),
    _echo("garbage", "The echo service answers with bytes that are no echo."),
    _echo("no-prefix", "The echo service echoes without its prefix."),
    _echo("previous", "The echo service answers each message with the one before it."),
    _echo("closes-early", "The echo service closes the connection after one answer."),
    _echo("mute-after-first", "The echo service answers the first message of a connection only."),
    _echo("endless", "The echo service answers with a line that never ends."),
    _echo("upper-case", "The echo service echoes in capital letters."),
    _echo("ignores-exit", "The echo service ignores EXIT."),
    _echo("other-address", "The echo service's prefix has another address and a wrong time."),
    fixed("echo-of-another-vm", "The echo service that the tester is told of runs in another VM.", "5.4",
          Conduct(echo_of_another=True)),
    fixed("ssh-of-another-vm", "The ssh login that the tester is told of leads into another VM.", "4.3",
          Conduct(ssh_of_another=True)),
)  # fmt: skip
