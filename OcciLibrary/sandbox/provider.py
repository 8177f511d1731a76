"""What users can make at a site that lets them: VMs of their own, and images of VMs (GFD.185 §3.4.4, GFD.224 §3.1 and §3.5)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol

from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ID,
    IPNETWORKINTERFACE_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
)
from OcciLibrary.occi.model import ActionLink, AttributeValue, Category, Kind, Link, Message, Mixin, Resource
from OcciLibrary.occi.networking import SSH_PORT_ATTRIBUTE
from OcciLibrary.sandbox.creation_request import attributes_of, wanted
from OcciLibrary.sandbox.dialects.creating import Creating
from OcciLibrary.sandbox.engine import NOT_CONTEXTUALISED, Contextualisation
from OcciLibrary.sandbox.exchange import RefusedError, Why
from OcciLibrary.sandbox.held_file import HeldFile
from OcciLibrary.sandbox.processes import ChildError
from OcciLibrary.sandbox.virtual_machine import Snapshot, VirtualMachine

MOST_VMS = 10
MOST_IMAGES = 10

# What a site may do wrong here (Conduct.creating).
NO_KEY = "no-key"
NO_USER_DATA = "no-user-data"
ROOT_BY_PASSWORD = "root-by-password"
SAVES_NOTHING = "saves-nothing"
BLANK_IMAGE = "blank-image"
KEEPS_VMS = "keeps-vms"
KEEPS_IMAGES = "keeps-images"


class Maker(Protocol):
    """Makes a VM: its id, all its attributes, its disk, what it is for its user, and whether root may log in by password."""

    def __call__(
        self,
        vm_id: str,
        attributes: Mapping[str, AttributeValue],
        disk: HeldFile | None,
        contextualisation: Contextualisation,
        root_by_password: bool,
    ) -> VirtualMachine:
        """Returns the VM, which is off."""


@dataclass(frozen=True, slots=True)
class SavedImage:
    """An image of a VM: how discovery shows it, and the disk."""

    mixin: Mixin
    disk: HeldFile


class Provider:
    """Holds the VMs that users made, and the images that they saved; safe for several threads."""

    def __init__(
        self,
        creating: Creating,
        make: Maker,
        defaults: Mapping[str, AttributeValue],
        flaws: frozenset[str] = frozenset(),
    ) -> None:
        self.creating = creating
        self._make = make
        self._defaults = defaults
        self._flaws = flaws
        self._lock = threading.Lock()
        self._machines: dict[str, VirtualMachine] = {}
        self._mixins: dict[str, tuple[Mixin, ...]] = {}
        self._images: dict[str, SavedImage] = {}
        self._promised = 0
        self._closing: list[threading.Thread] = []

    @property
    def machines(self) -> dict[str, VirtualMachine]:
        """The VMs that users made, by id."""
        with self._lock:
            return dict(self._machines)

    def close(self) -> None:
        """Ends every VM and lets go of every image."""
        for vm_id in self.machines:
            self._end(vm_id)
        for thread in self._closing:
            thread.join()
        with self._lock:
            for image in self._images.values():
                image.disk.close()
            self._images.clear()

    def saved(self) -> tuple[Mixin, ...]:
        """Returns the images that users saved."""
        with self._lock:
            return tuple(image.mixin for image in self._images.values())

    # ---- what is shown

    def categories(self, usual: Sequence[Category]) -> tuple[Category, ...]:
        """Returns what discovery shows: the usual, with templates, contextualisation, saved images and the action of saving."""
        known = {category.id for category in usual}
        save = self.creating.shown_save()
        changed = [_saving(category, save.id) for category in usual]
        mixins = [mixin for mixin in (*self.creating.mixins(), *self.saved()) if mixin.id not in known]
        actions = [] if save.id in known else [save]
        return (*changed, *mixins, *actions)

    def mixins_of(self, machine: VirtualMachine) -> tuple[Mixin, ...]:
        """Returns the templates that a VM was made of."""
        with self._lock:
            own = self._mixins.get(machine.id)
        return own or (self.creating.image, self.creating.sizes[0].mixin)

    @property
    def save_term(self) -> str:
        """The term of the action that saves a VM."""
        return self.creating.save.action.term

    def dressed(self, resource: Resource, machine: VirtualMachine, snapshot: Snapshot) -> Resource:
        """Returns a VM as it is shown at such a site: with its templates, its address, and the action of saving while it runs."""
        given = {mixin.id for mixin in resource.mixins}
        mixins = [mixin for mixin in self.mixins_of(machine) if mixin.id not in given]
        save = self.creating.save.action
        url = f"{resource.location}?action={save.term}"
        linked = {action.action_id for action in resource.actions}
        offers = "stop" in snapshot.actions and save.id not in linked
        return replace(
            resource,
            mixins=(*resource.mixins, *mixins),
            links=(*resource.links, _address(machine, snapshot)),
            actions=(*resource.actions, *([ActionLink(url, save.id, save.term)] if offers else [])),
        )

    # ---- VMs

    def create(self, message: Message) -> VirtualMachine:
        """Makes a VM and begins its first start. Raises RefusedError."""
        new = wanted(message, self.creating, [self.creating.image, *self.saved()])
        told = Contextualisation(
            () if NO_KEY in self._flaws else new.contextualisation.public_keys,
            "" if NO_USER_DATA in self._flaws else new.contextualisation.user_data,
        )
        vm_id = self.creating.id_form.format(id=uuid.uuid4())
        attributes = attributes_of(new, self._defaults)
        with self._lock:
            if len(self._machines) >= MOST_VMS:
                raise RefusedError(HTTPStatus.CONFLICT, f"The quota of {MOST_VMS} VMs is used up.")
            saved = self._images.get(new.image)
            disk = saved.disk.copied() if saved else None
            root = ROOT_BY_PASSWORD in self._flaws
            machine = self._make(vm_id, attributes, disk, told or NOT_CONTEXTUALISED, root)
            self._machines[vm_id] = machine
            image = saved.mixin if saved else self.creating.image
            self._mixins[vm_id] = (image, *([new.size.mixin] if new.size else []))
        machine.invoke("start")
        return machine

    def delete(self, vm_id: str) -> None:
        """Removes a VM, whatever it does. Raises RefusedError for one that no user made."""
        if vm_id not in self.machines:
            raise RefusedError(
                HTTPStatus.FORBIDDEN, "This VM was provisioned beforehand: users cannot delete it."
            )
        if KEEPS_VMS not in self._flaws:
            self._end(vm_id)

    def _end(self, vm_id: str) -> None:
        with self._lock:
            machine = self._machines.pop(vm_id, None)
            self._mixins.pop(vm_id, None)
        if machine is not None:
            thread = threading.Thread(target=machine.close)
            thread.start()
            self._closing.append(thread)

    # ---- images

    def save(self, machine: VirtualMachine, message: Message) -> Mixin:
        """Saves a VM: at once (hot), or when it is stopped the next time (deferred). Returns the image's mixin.

        Raises RefusedError.
        """
        name, method = self._what_to_save(machine, message)
        mixin = self.creating.image_of(f"saved_{uuid.uuid4().hex[:12]}", name)
        with self._lock:
            if len(self._images) + self._promised >= MOST_IMAGES:
                raise RefusedError(HTTPStatus.CONFLICT, f"The quota of {MOST_IMAGES} images is used up.")
            self._promised += 1
        if method == "deferred":
            machine.at_next_stop(lambda: self._keep(mixin, machine))
        else:
            self._keep(mixin, machine)
        return mixin

    def _what_to_save(self, machine: VirtualMachine, message: Message) -> tuple[str, str]:
        way = self.creating.save
        try:
            action, attributes = message.action_invocation()
        except RenderingError as error:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, f"The request names no action: {error}", why=Why.NO_ACTION
            ) from None
        if action.id != way.action.id:
            raise RefusedError(
                HTTPStatus.NOT_FOUND, f"A compute has no action {action.id[:300]!r}.", why=Why.UNKNOWN_ACTION
            )
        name = str(attributes.get(way.name_attribute, "")).strip()
        method = str(attributes.get("method", "hot")) if self.creating.defers else "hot"
        if not name or not name.isprintable() or len(name) > 200:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"{way.name_attribute} has to name the image.")
        if method not in ("hot", "deferred"):
            raise RefusedError(
                HTTPStatus.BAD_REQUEST, f"{method[:100]!r} is no method of save. Possible: hot, deferred."
            )
        snapshot = machine.snapshot()
        if "stop" not in snapshot.actions:
            raise RefusedError(
                HTTPStatus.BAD_REQUEST,
                "Only a VM that is active can be saved.",
                why=Why.NOT_NOW,
                state=snapshot.state,
            )
        return name, method

    def _keep(self, mixin: Mixin, machine: VirtualMachine) -> None:
        disk = None
        try:
            disk = HeldFile() if BLANK_IMAGE in self._flaws else machine.saved_disk()
        except (ChildError, OSError):
            return  # the image never appears, as at a site whose storage failed
        finally:
            with self._lock:
                self._promised -= 1
                if disk is not None and SAVES_NOTHING not in self._flaws:
                    self._images[mixin.id] = SavedImage(mixin, disk)

    def hears_deletion(self, method: str) -> bool:
        """Tells whether a request to discovery is one to delete an image, or is taken for another one."""
        return method == "DELETE" and (self.creating.images_go or self.creating.lists_instead)

    def delete_image(self, message: Message) -> None:
        """Removes a saved image. Raises RefusedError: 404 for one that is not there, 403 for what the site provides."""
        ids = [category.id for category in message.categories]
        if len(ids) != 1:
            raise RefusedError(HTTPStatus.BAD_REQUEST, "A deletion has to name one mixin.")
        if ids[0] in {mixin.id for mixin in self.creating.mixins()}:
            raise RefusedError(HTTPStatus.FORBIDDEN, "This mixin is the site's own: users cannot delete it.")
        with self._lock:
            if ids[0] not in self._images:
                raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such mixin.")
            if KEEPS_IMAGES not in self._flaws:
                self._images.pop(ids[0]).disk.close()


def _saving(category: Category, save_id: str) -> Category:
    if isinstance(category, Kind) and category.id == COMPUTE_ID and save_id not in category.actions:
        return replace(category, actions=(*category.actions, save_id))
    return category


def _address(machine: VirtualMachine, snapshot: Snapshot) -> Link:
    """Returns the link to the network: all VMs share an address, so each shows the port at which its ssh server is."""
    attributes: dict[str, AttributeValue] = {
        "occi.networkinterface.interface": "eth0",
        "occi.networkinterface.mac": "02:00:7f:00:00:01",
        "occi.networkinterface.state": "active" if snapshot.state == "active" else "inactive",
        "occi.networkinterface.address": "127.0.0.1",
        "occi.networkinterface.allocation": "static",
        SSH_PORT_ATTRIBUTE: machine.ssh_port.number,
    }
    return Link(
        "/network/local",
        (NETWORK_ID,),
        f"/networkinterface/{machine.id}",
        (NETWORKINTERFACE_ID, IPNETWORKINTERFACE_ID),
        attributes,
    )
