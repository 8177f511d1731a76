"""What listens on a machine, read from its kernel's tables, or from what ss or netstat print: pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

QUESTIONS = {
    "tables": "ls /proc/net/tcp",
    "tcp": 'grep " 0A " /proc/net/tcp',
    "tcp6": 'grep " 0A " /proc/net/tcp6',
    "udp": 'grep " 07 " /proc/net/udp',
    "udp6": 'grep " 07 " /proc/net/udp6',
    "ss": "ss -l -n -t -u",
    "netstat": "netstat -l -n -t -u",
}
ANY, OWN, ONE = "all addresses", "this machine only", "one address"
_SERVICES = {
    21: "ftp", 22: "ssh", 23: "telnet", 25: "smtp", 53: "dns", 67: "dhcp", 68: "dhcp client", 80: "http", 111: "rpcbind", 123: "ntp",
    443: "https", 546: "dhcp client", 631: "printing", 2049: "nfs", 3306: "mysql", 5353: "mdns", 5355: "llmnr", 5432: "postgresql",
    6379: "redis", 8080: "http",
}  # fmt: skip
_LISTENS = {"tcp": "0A", "udp": "07"}  # as the kernel numbers the states
_ROW = re.compile(
    r"\s*\d+:\s+([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})\s+[0-9A-F]+:([0-9A-F]{4})\s+([0-9A-F]{2})\b"
)
_PRINTED = re.compile(r"(tcp|udp)6?\s.*?\s(\S*):(\d{1,5})\s")
_MOST = 1000


@dataclass(frozen=True, slots=True, order=True)
class Listener:
    """A port on which something listens, from where it can be reached, and what usually listens there."""

    protocol: str
    port: int
    reach: str
    service: str = ""


def listeners(said: Mapping[str, Sequence[str]]) -> tuple[Listener, ...] | None:
    """Reads the answers to ``QUESTIONS``, by protocol and port; None where the machine tells nothing."""
    if said.get("tables"):
        found = [
            one
            for name in ("tcp", "tcp6", "udp", "udp6")
            for one in _of_the_kernel(name[:3], said.get(name, ()))
        ]
    elif printed := said.get("ss") or said.get("netstat"):
        found = list(_printed(printed))
    else:
        return None
    return tuple(sorted(set(_widest(found))))


def _of_the_kernel(protocol: str, lines: Sequence[str]) -> Iterator[Listener]:
    for line in lines[:_MOST]:
        row = _ROW.match(line)
        if row and row[4] == _LISTENS[protocol] and (protocol == "tcp" or row[3] == "0000"):
            yield _listener(protocol, int(row[2], 16), _reach_of_hex(row[1]))


def _reach_of_hex(address: str) -> str:
    if not address.strip("0"):
        return ANY
    is_mapped = address.startswith("0000000000000000FFFF0000")
    is_ipv4 = len(address) == 8 or is_mapped
    if is_ipv4:
        last = address[-8:]
        return ANY if not last.strip("0") else OWN if last.endswith("7F") else ONE
    return OWN if address == "0" * 24 + "01000000" else ONE


def _printed(lines: Sequence[str]) -> Iterator[Listener]:
    for line in lines[:_MOST]:
        row = _PRINTED.match(line.strip() + " ")
        if row and int(row[3]) < 65536:
            yield _listener(row[1], int(row[3]), _reach_of_text(row[2]))


def _reach_of_text(address: str) -> str:
    bare = address.strip("[]").partition("%")[0]
    if bare in ("0.0.0.0", "::", "*", ""):
        return ANY
    return OWN if bare.startswith("127.") or bare == "::1" else ONE


def _listener(protocol: str, port: int, reach: str) -> Listener:
    return Listener(protocol, port, reach, _SERVICES.get(port, ""))


def _widest(found: Sequence[Listener]) -> Iterator[Listener]:
    """Leaves out what listens on the same port for everybody too, for instance by the other version of IP."""
    open_to_all = {(one.protocol, one.port) for one in found if one.reach == ANY}
    for one in found:
        if one.reach == ANY or (one.protocol, one.port) not in open_to_all:
            yield one
