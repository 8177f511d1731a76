"""The ping probe: asks with ICMP echo requests whether a machine's network is up."""

from __future__ import annotations

import importlib
import ipaddress
import secrets
import socket
from typing import Any

from .line_connection import Deadline, NotConnectedError, resolve

_NOT_PERMITTED = (
    "This machine does not permit pings from here: neither an unprivileged ICMP socket "
    "(net.ipv4.ping_group_range on Linux) nor a raw one (administrator rights) could be opened"
)
_ANY_PORT = 7  # resolve() wants one; a ping has none


class Ping:
    """Pings one host, unprivileged where the machine permits it, else with a raw socket.

    Where it permits neither, ``available`` is False and ``unavailable_because`` is one plain sentence.
    Nothing here raises. Source: wiki, steps 3.3, 4.3, 5.6, 6.5 ("ping, or using the Echo service").
    """

    def __init__(self, host: str) -> None:
        self.host = host
        self.unavailable_because = ""
        self._privileged = False
        self._find_a_way()

    @property
    def available(self) -> bool:
        """Says whether this machine can ping at all."""
        return not self.unavailable_because

    def glance(self, timeout: float = 1.0) -> tuple[str, str]:
        """Sends one request and waits for its reply; returns 'answers' or 'silent', and a detail.

        Where this machine turns out not to be able to ping, the value is '(error)': that says nothing about
        the host.
        """
        if not self.available:
            return "(error)", self.unavailable_because
        deadline = Deadline(timeout)
        try:
            family, address = resolve(self.host, _ANY_PORT, deadline)[0]
        except NotConnectedError as error:
            return "silent", str(error)
        return self._ask(str(address[0]), family == socket.AF_INET6, max(0.01, deadline.left()))

    def _find_a_way(self) -> None:
        try:
            icmplib = _icmplib()
        except ImportError:
            self.unavailable_because = "Pings need the Python package icmplib, which is not installed."
            return
        problem = ""
        for privileged in (False, True):
            try:
                _open(_is_ipv6(self.host), privileged).close()
            except icmplib.SocketPermissionError:
                continue
            except (icmplib.ICMPLibError, OSError) as error:
                problem = f" ({error})"
                continue
            self._privileged = privileged
            return
        self.unavailable_because = f"{_NOT_PERMITTED}{problem}."

    def _ask(self, address: str, ipv6: bool, timeout: float) -> tuple[str, str]:
        icmplib = _icmplib()
        request = icmplib.ICMPRequest(
            address, id=secrets.randbelow(0xFFFF), sequence=secrets.randbelow(0xFFFF)
        )
        try:
            with _open(ipv6, self._privileged) as opened:
                opened.send(request)
                reply = opened.receive(request, timeout)
                reply.raise_for_status()
        except icmplib.SocketPermissionError:
            return "(error)", f"{_NOT_PERMITTED}."
        except icmplib.TimeoutExceeded:
            return "silent", f"No reply from {address} within {timeout:.1f} s."
        except icmplib.ICMPError as error:
            return "silent", f"{address} is reported unreachable ({error})."
        except (icmplib.ICMPLibError, OSError) as error:
            return "silent", f"No ping could be sent to {address} ({error})."
        return "answers", f"{address} in {(reply.time - request.time) * 1000:.1f} ms"


def _icmplib() -> Any:
    # Late, because only who pings needs it; it carries no types.
    return importlib.import_module("icmplib")


def _open(ipv6: bool, privileged: bool) -> Any:
    icmplib = _icmplib()
    return (
        icmplib.ICMPv6Socket(privileged=privileged) if ipv6 else icmplib.ICMPv4Socket(privileged=privileged)
    )


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).version == 6
    except ValueError:
        return False
