"""Probes that ask the VM itself, past the site's API, whether it is really there."""

from __future__ import annotations

from .echo import EchoExchange, EchoReport, converse, glance
from .guest import GuestAccount, GuestLogin, ask_guest
from .ping import Ping

__all__ = [
    "EchoExchange",
    "EchoReport",
    "GuestAccount",
    "GuestLogin",
    "Ping",
    "ask_guest",
    "converse",
    "glance",
]
