"""The ways to save a VM as an image that servers offer (GFD.224 §3.1; occi-os has one of OpenStack's).

Apart from the client, for the sandbox needs them without an HTTP client.
"""

from __future__ import annotations

from dataclasses import dataclass

from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.model import Action

OPENSTACK_ACTION_SCHEME = "http://schemas.openstack.org/instance/action#"


@dataclass(frozen=True, slots=True)
class SaveAction:
    """One way to save a VM: its action, the attribute for the image's name, and whether it knows OCCI's methods."""

    action: Action
    name_attribute: str
    has_methods: bool


# What discovery and VMs may offer, the one of OCCI 1.2 first; occi-os has one of OpenStack's.
SAVE_ACTIONS = (
    SaveAction(Action("save", infrastructure.COMPUTE_ACTION_SCHEME), "name", has_methods=True),
    SaveAction(
        Action("create_image", OPENSTACK_ACTION_SCHEME),
        "org.openstack.snapshot.image_name",
        has_methods=False,
    ),
)
