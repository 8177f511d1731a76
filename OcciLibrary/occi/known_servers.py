"""What is known of the OCCI servers in the field: how to tell them, and how to take what they show.

Facts, not judgements: a site is judged by the wiki's words whatever its server is, and the messages say what the server is
known for. Sources: the servers' own code, and what they answered on the wire; docs/servers.md tells it to people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from OcciLibrary.occi.infrastructure import COMPUTE_STATES
from OcciLibrary.occi.model import Resource
from OcciLibrary.occi.renderings import OCCI_JSON

_OPENSTACK_IMAGES = "http://schemas.openstack.org/template/os#"
# Below this no number of MiB describes a VM, and few numbers of GiB above it do.
_LEAST_MIB = 32
_RESTART_BEHIND_ROCCI = (
    "The clouds behind rOCCI-server (OpenNebula, EC2) call a VM 'active' all through a restart."
)
_IN_BETWEEN = "a VM on its way from one state to another"
_NO_STATE = (
    "That word is no state of OCCI (GFD.184 §3.1 has active, inactive and suspended); sites with words of their own "
    f"mostly mean {_IN_BETWEEN}."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """Says that a server shows `what` (a VM in some condition) as the state `seen`, where OCCI has `wanted`."""

    wanted: str
    seen: str
    what: str


@dataclass(frozen=True, slots=True)
class KnownServer:
    """Holds what is known of one server.

    `header` is looked for in the Server header, `category` at the beginning of the category ids of discovery; both must be
    found where both are given. `best_read_as` is the media type in which its answers are most exact, `memory_in_mib` says
    that it counts memory in MiB, `no_full_update` why a PUT of a whole VM must not be sent to it, `restart` how it shows a
    restart where that is not active, inactive, active, `updates` what it makes of updates of attributes where that is nothing.
    """

    name: str
    header: str = ""
    category: str = ""
    shows: tuple[Shown, ...] = ()
    best_read_as: str = ""
    memory_in_mib: bool = False
    no_full_update: str = ""
    restart: str = ""
    updates: str = ""

    def is_it(self, header: str, category_ids: Iterable[str]) -> bool:
        """Tells whether a site with this Server header and these categories runs this server."""
        if self.header and not re.search(self.header, header):
            return False
        return not self.category or any(re.match(self.category, one) for one in category_ids)


KNOWN_SERVERS = (
    KnownServer(
        "rOCCI-server 2 (OpenNebula)",
        header=r"rOCCI-server",
        shows=(Shown("suspended", "inactive", "a suspended VM"), Shown("", "waiting", _IN_BETWEEN)),
        restart=_RESTART_BEHIND_ROCCI,
        updates="rOCCI-server 2 is known to have no update of attributes, only of a VM's size template",
        best_read_as=OCCI_JSON,  # its text has the escapes of Ruby
    ),
    KnownServer("MartServer", header=r"\bMART\b", best_read_as=OCCI_JSON),  # joins the lines of some lists
    KnownServer("erocci", header=r"\berocci\b"),
    KnownServer(
        "ooi (or snf-occi, which is made from it)",
        header=r"\booi/",
        shows=(Shown("active", "inactive", "a VM that is still being built, or is in error,"),),
        memory_in_mib=True,
        no_full_update="there a PUT does not update attributes but exchanges the VM's size template",
        updates="ooi is known to have no update of attributes",
    ),
    KnownServer(
        "occi-os (OpenStack)",
        header=r"\bpyssf\b",
        category=r"http://schemas\.openstack\.org/(instance/action#|template/|compute/instance#os_vms$)",
        shows=(
            Shown("suspended", "inactive", "a suspended VM"),
            Shown("active", "inactive", "a VM in error"),
        ),
        restart="occi-os shows 'active' all through a restart.",
        updates="occi-os is known to have no update of attributes, only of a VM's templates",
    ),
    KnownServer(
        "snf-occi (Synnefo)",
        header=r"\bpyssf\b",
        category=r"http://schemas\.ogf\.org/occi/(os_tpl|resource_tpl)#",
        updates="snf-occi is known to have no update of attributes",
        memory_in_mib=True,
    ),
    KnownServer(
        "rOCCI-server 1 (OpenNebula, EC2)",
        header=r"^(?!.*OCCI/)",  # it does not name itself
        category=r"http://opennebula\.org/occi|http://schemas\.ec2\.aws\.amazon\.com/"
        r"|http://schemas\.ogf\.org/occi/infrastructure/(storagelink|networkinterface)/action#",
        shows=(
            Shown("inactive", "suspended", "a stopped VM"),
            Shown("active", "inactive", "a VM that still boots (or, on EC2, failed)"),
            Shown("", "waiting", _IN_BETWEEN),
        ),
        restart=_RESTART_BEHIND_ROCCI,
    ),
)


def known_server(header: str, category_ids: Iterable[str]) -> KnownServer | None:
    """Returns what is known of the server of a site, by its Server header and the ids of discovery; None if unknown."""
    ids = tuple(category_ids)
    return next((server for server in KNOWN_SERVERS if server.is_it(header, ids)), None)


def about_state(server: KnownServer | None, wanted: str, seen: str) -> str:
    """Returns a sentence on why a site may show the state `seen` where `wanted` is to be, '' when none is known.

    Of a server that is not known it says which servers use the word so.
    """
    if server is not None and (shown := _shown(server, wanted, seen)):
        return f"{server.name} is known to show {shown.what} as '{seen}'; the wiki wants '{wanted}'."
    if seen.isalpha() and seen.lower() not in COMPUTE_STATES["1.2"] and not _used_by(wanted, seen):
        return _NO_STATE  # without the word itself: it may be anything that a site likes to send
    if seen == "error":
        return "'error' is a state of OCCI 1.2 (GFD.224 §3.1): something that was done to the VM failed."
    if server is not None or (wanted, seen) == ("active", "inactive"):
        return ""
    others = _used_by(wanted, seen)
    if not others:
        return ""
    names = ", ".join(name for name, _ in others)
    return f"Some servers ({names}) show {others[0][1].what} as '{seen}'; the wiki wants '{wanted}'."


def _used_by(wanted: str, seen: str) -> list[tuple[str, Shown]]:
    """Returns the servers that are known to use a word so, each with what it means there."""
    return [(server.name, shown) for server in KNOWN_SERVERS if (shown := _shown(server, wanted, seen))]


def _shown(server: KnownServer, wanted: str, seen: str) -> Shown | None:
    return next((s for s in server.shows if s.seen == seen and s.wanted in ("", wanted)), None)


def memory_is_in_mib(server: KnownServer | None, resource: Resource) -> bool:
    """Tells whether a VM's memory counts MiB, as bridges to OpenStack do, instead of the GiB of GFD.184 §3.1."""
    memory = resource.attributes.get("occi.compute.memory")
    if isinstance(memory, bool) or not isinstance(memory, (int, float)) or not memory >= _LEAST_MIB:
        return False
    if server is not None:
        return server.memory_in_mib
    return any(mixin.scheme == _OPENSTACK_IMAGES for mixin in resource.mixins)
