"""What a machine runs on, read from the signs that an ordinary user can see: pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .quoting import escaped

QUESTIONS = {
    "detect": "systemd-detect-virt -v",
    "container": "systemd-detect-virt -c",
    "lscpu": "lscpu",
    "hypervisor": "cat /sys/hypervisor/type",
    "clocks": "cat /sys/devices/system/clocksource/clocksource0/available_clocksource",
    "vendor": "cat /sys/class/dmi/id/sys_vendor",
    "product": "cat /sys/class/dmi/id/product_name",
    "flags": "grep ^flags /proc/cpuinfo",
    "files": "ls -d /.dockerenv /run/.containerenv",
}
NONE, UNKNOWN, OTHER = "none", "unknown", "other"
# What systemd-detect-virt calls them, and lscpu.
_NAMES = {
    "kvm": "kvm",
    "amazon": "kvm",
    "google": "kvm",
    "qemu": "qemu",
    "xen": "xen",
    "vmware": "vmware",
    "microsoft": "hyper-v",
    "oracle": "virtualbox",
    "none": NONE,
}
_CLOCKS = {
    "kvm-clock": "kvm",
    "xen": "xen",
    "hyperv_clocksource_tsc_page": "hyper-v",
    "hyperv_clocksource": "hyper-v",
}
# What makers write into the firmware's tables. QEMU's do not tell whether KVM helps it; a cloud's name tells no hypervisor.
_MAKERS = (
    (r"vmware", "vmware"),
    (r"^xen\b", "xen"),
    (r"innotek|virtualbox", "virtualbox"),
    (r"microsoft.*virtual machine", "hyper-v"),
    (r"\bkvm\b|amazon ec2|google compute", "kvm"),
    (r"qemu|bochs", "qemu"),
    (r"openstack|opennebula|cloud|virtual", OTHER),
)


@dataclass(frozen=True, slots=True)
class Virtualisation:
    """What a machine runs on.

    ``kind`` is kvm, qemu (with or without KVM), xen, vmware, hyper-v, virtualbox, other (a hypervisor that does not say its name), none
    or unknown. ``container`` is '' or the kind of container that the login leads into. ``signs`` say in words what was seen.
    """

    kind: str = UNKNOWN
    container: str = ""
    signs: tuple[str, ...] = ()


def virtualisation(said: Mapping[str, Sequence[str]]) -> Virtualisation:
    """Reads the answers to ``QUESTIONS``; the most telling sign decides, and all are told."""
    found = list(_signs(said))
    named = [kind for kind, _ in found if kind not in (NONE, OTHER)]
    weaker = [kind for kind, _ in found]
    kind = named[0] if named else OTHER if OTHER in weaker else NONE if NONE in weaker else UNKNOWN
    return Virtualisation(kind, _container(said), tuple(words for _, words in found))


def _signs(said: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yields what each sign says, the most telling first."""
    detected = _first(said, "detect").lower()
    if re.fullmatch(r"[a-z0-9-]{2,20}", detected):
        yield _NAMES.get(detected, OTHER), f"systemd-detect-virt says {escaped(detected, 40)}"
    for line in said.get("lscpu", ()):
        if vendor := re.fullmatch(r"Hypervisor vendor:\s*(\S.*)", line):
            yield (
                _NAMES.get(vendor[1].lower(), OTHER),
                f"lscpu's hypervisor vendor is {escaped(vendor[1], 40)}",
            )
    if hypervisor := _first(said, "hypervisor").lower():
        yield _NAMES.get(hypervisor, OTHER), f"/sys/hypervisor/type is {escaped(hypervisor, 40)}"
    for clock in _first(said, "clocks").split():
        if clock in _CLOCKS:
            yield _CLOCKS[clock], f"its kernel has the clock {clock}"
    maker = " ".join(part for part in (_first(said, "vendor"), _first(said, "product")) if part)
    for pattern, kind in _MAKERS:
        if re.search(pattern, maker.lower()):
            yield kind, f"its firmware calls it {escaped(maker, 80)}"
            break
    if flags := _first(said, "flags").partition(":")[2].split():
        under = "hypervisor" in flags
        yield (
            (OTHER if under else NONE),
            f"its processor says that it is {'' if under else 'not '}under a hypervisor",
        )


def _container(said: Mapping[str, Sequence[str]]) -> str:
    told = _first(said, "container").lower()
    if told and told != NONE:
        return escaped(told, 40)
    files = said.get("files", ())
    return "docker" if "/.dockerenv" in files else "podman" if "/run/.containerenv" in files else ""


def _first(said: Mapping[str, Sequence[str]], name: str) -> str:
    lines = said.get(name, ())
    return lines[0].strip() if lines else ""
