"""Does a machine have inside what is said of it outside? Pure functions over what each of the two tells.

Each returns an `Agreement`: whether they agree (None: that cannot be told), both in words, and what to remark. Source: wiki, Scenario 1,
"Reference VM"; GFD.184 §3.1 (cores, memory in GiB, speed in GHz, architecture x86 or x64, hostname).
"""

from __future__ import annotations

from dataclasses import dataclass

from .guest_facts import GuestFacts
from .quoting import escaped

DECIMAL = 0.93
"""A GB of 10^9 bytes is 0.93 GiB: a site that counts so has that much less inside."""
OVER = 1.02
"""By how much a machine may tell more than is said of it, for figures are rounded."""
LEAST_SHARE = 0.75
LEAST_LESS = 0.0625
"""Of a machine that tells only what its kernel leaves: the share of its memory that must be left, and GiB less."""

_X64 = ("x86_64", "amd64")
_X86 = ("i386", "i486", "i586", "i686", "x86")
_NOT_SAID = "OCCI does not say it"


@dataclass(frozen=True, slots=True)
class Agreement:
    """What came of one comparison: ``agrees`` is None when it could not be made, and ``told`` then says why."""

    agrees: bool | None
    told: str
    remark: str = ""


def cores_agree(said: object, facts: GuestFacts) -> Agreement:
    """Compares the number of cores, to the letter; it is enough when one of the machine's two counts is the same.

    In a container the kernel's count is the host's, and a process may be kept from some of the cores.
    """
    cores = _number(said)
    if cores is None:
        return Agreement(None, f"{_NOT_SAID} as a number ({_shown(said)})" if said is not None else _NOT_SAID)
    counts = [count for count in (facts.usable, facts.online) if count is not None]
    if not counts:
        return Agreement(None, "the machine does not tell how many cores it has")
    told = " and ".join(
        f"{count} {what}"
        for count, what in ((facts.usable, "for programs (nproc)"), (facts.online, "in the kernel"))
        if count is not None
    )
    return Agreement(cores in counts, f"the machine has {told}")


def memory_agrees(said: object, facts: GuestFacts, in_mib: bool = False) -> Agreement:
    """Compares the memory, with the tolerance that a kernel makes necessary.

    The kernel takes a part before it counts: programs see 85 to 90 % in a small machine. So the blocks of memory that the kernel
    manages are summed up where they can be read: they are rounded up, by one block at most, and must not be less than what OCCI
    says (7 % less where a site counts decimal GB). Else what is left must be 75 % of it, less 64 MiB. No count may be 2 % above it.
    """
    amount = _number(said)
    if amount is None:
        return Agreement(None, f"{_NOT_SAID} as a number ({_shown(said)})" if said is not None else _NOT_SAID)
    nominal = amount / 1024 if in_mib else amount
    if facts.total is None:
        return Agreement(None, "the machine does not tell how much memory it has")
    if facts.installed is None or facts.block is None:
        least = max(0.0, LEAST_SHARE * nominal - LEAST_LESS)
        told = f"the machine's programs see {_gib(facts.total)}; {_gib(least)} to {_gib(OVER * nominal)} would agree"
        return Agreement(least <= facts.total <= OVER * nominal, told)
    told = (
        f"the machine's kernel manages {_gib(facts.installed)} in blocks of {_gib(facts.block)} and leaves {_gib(facts.total)} "
        f"to programs; {_gib(DECIMAL * nominal)} to {_gib(nominal + facts.block)} would agree"
    )
    fits = DECIMAL * nominal <= facts.installed <= nominal + facts.block
    return Agreement(fits and facts.total <= OVER * nominal, told)


def hostname_agrees(said: object, facts: GuestFacts) -> Agreement:
    """Compares the names, capitals aside; where one of the two has no domain the first labels are compared."""
    if not said:
        return Agreement(None, _NOT_SAID)
    if not facts.hostname:
        return Agreement(None, "the machine does not tell its name")
    told = f"the machine calls itself '{escaped(facts.hostname, 80)}'"
    ours, inside = str(said).rstrip(".").lower(), facts.hostname.rstrip(".").lower()
    if ours == inside:
        return Agreement(True, told)
    whole = "." in ours and "." in inside
    return Agreement(not whole and ours.partition(".")[0] == inside.partition(".")[0], told)


def architecture_agrees(said: object, facts: GuestFacts) -> Agreement:
    """Compares the architecture; OCCI knows x86 and x64, and what else a site says is read where its meaning is plain.

    An x64 machine that is said to be x86 can do all that an x86 one can: a remark.
    """
    if not said:
        return Agreement(None, _NOT_SAID)
    if not facts.architecture:
        return Agreement(None, "the machine does not tell its architecture")
    told = f"the machine's kernel is of the architecture {escaped(facts.architecture, 20)}"
    word, inside = str(said).lower(), facts.architecture.lower()
    if word in ("x64", *_X64):
        remark = "" if word == "x64" else f"OCCI names architectures x86 and x64, not {_shown(said)}."
        return Agreement(inside in _X64, told, remark)
    if word in _X86 and inside in _X64:
        return Agreement(
            True, told, f"OCCI says {_shown(said)}, which are 32 bits; the machine has 64 ({inside})."
        )
    if word in _X86:
        return Agreement(inside in _X86, told)
    return Agreement(word == inside, told, f"OCCI names architectures x86 and x64, not {_shown(said)}.")


def speed_told(said: object, facts: GuestFacts) -> Agreement:
    """Puts the two speeds side by side, without a verdict: a virtual machine runs at the speed of its host."""
    speed = _number(said)
    if speed is None:
        return Agreement(None, _NOT_SAID)
    if facts.speed is None:
        return Agreement(None, "the machine does not tell its speed")
    return Agreement(True, f"the machine's kernel says {facts.speed:g} GHz")


def _number(said: object) -> float | None:
    return float(said) if isinstance(said, (int, float)) and not isinstance(said, bool) else None


def _gib(amount: float) -> str:
    return f"{amount:.3g} GiB"


def _shown(said: object) -> str:
    return f"'{escaped(str(said), 40)}'"
