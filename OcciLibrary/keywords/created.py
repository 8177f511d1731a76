"""What a run creates at a site: noted before it is asked for, and deleted by this run or, after a kill, by the next one."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.model import Mixin
from OcciLibrary.occi.provisioning import Provisioning, wait_until
from OcciLibrary.occi.request_errors import RequestRefused
from OcciLibrary.occi.templates import images, saved_as

VM, IMAGE = "VM", "image"
NETWORK, STORAGE, LINK, MIXIN = "network", "storage", "link", "mixin"
_KINDS_OF_THINGS = (VM, IMAGE, NETWORK, STORAGE, LINK, MIXIN)
# In this order they are deleted: links join VMs to the others, and images may be in use by VMs.
_ORDER = {LINK: 0, VM: 1, STORAGE: 2, NETWORK: 2, MIXIN: 3, IMAGE: 4}
# Where mixins of the tester's own are; their term is a new name.
OWN_SCHEME = "http://example.org/occilibrary#"
# Letters and digits alone: servers make terms and host names of it in ways of their own. Nobody else has the same.
_PREFIX = "occilibrary"
_MAY_STILL_APPEAR = 30.0  # seconds in which a site may show what was asked for just before a kill
_LOOKS = 5.0
# Seconds for which a VM that does not bear its name is taken for the one that was created at its address.
_SURE_WITHOUT_NAME = 3600.0
# How a site says that its users cannot delete images: OCCI has no other way (GFD.185 §3.4.1 is for mixins of users).
_NO_DELETION = (200, 403, 404, 405, 501)


@dataclass
class Created:
    """Holds one thing that was asked for: what it is, the name that it was to have, and where it is ('': not known yet).

    `url` is the URL of an entity, or the id of an image or mixin; `kind` an entity's kind ('' is compute); `marked` says that the site showed it under its name, so that nothing else is
    deleted in its place; `asked_at` is seconds since 1970. `spared` are the paths of what of its kind was there before: nothing of
    that is ever deleted, whatever name it bears by now.
    """

    what: str
    name: str
    url: str = ""
    marked: bool = False
    asked_at: float = field(default_factory=time.time)
    spared: list[str] = field(default_factory=list)
    kind: str = ""


def new_name() -> str:
    """Returns a name that nothing else has."""
    return _PREFIX + secrets.token_hex(6)


def read_created(content: Any) -> list[Created]:
    """Returns what a note says. Raises `TypeError` for what no run has written."""
    if not isinstance(content, list):
        raise TypeError("not a list")
    found = [Created(**one) for one in content]
    for one in found:
        texts = (one.what, one.name, one.url, one.kind)
        fits = all(isinstance(text, str) for text in texts) and isinstance(one.asked_at, (int, float))
        if (
            not fits
            or one.what not in _KINDS_OF_THINGS
            or not one.name.startswith(_PREFIX)
            or one.marked not in (True, False)
            or not isinstance(one.spared, list)
            or not all(isinstance(path, str) for path in one.spared)
        ):
            raise TypeError("not a note")
    return found


@dataclass
class Remover:
    """Deletes what was created; `timeout` is the seconds that a deletion may take, `say` hears what is done.

    `problems` are sentences on what could not be deleted; what is in `owed` then is for the next run.
    """

    client: OcciClient
    timeout: float
    say: Callable[[str], None]
    problems: list[str] = field(default_factory=list)
    owed: list[Created] = field(default_factory=list)

    def remove(self, created: list[Created]) -> list[str]:
        """Returns what was deleted, a phrase each: links first, then VMs, then what may be in use by them."""
        done = []
        for one in sorted(created, key=lambda one: _ORDER[one.what]):
            self.say(f"deleting the {one.what} '{one.name}'")
            try:
                done += self._remove(one)
            except OcciError as problem:
                self.problems.append(f"the {one.what} '{one.name}' {_at(one)}: {str(problem).rstrip('.')}")
                if not _is_final(one, problem):
                    self.owed.append(one)
        return done

    def _remove(self, one: Created) -> list[str]:
        if one.what == MIXIN:
            return self._remove_mixin(one)
        return self._remove_image(one) if one.what == IMAGE else self._remove_entity(one)

    def _remove_entity(self, one: Created) -> list[str]:
        provisioning = Provisioning(self.client, self.timeout, one.kind or COMPUTE_ID)
        url = one.url or self._appeared(one, lambda: provisioning.find(one.name, one.spared))
        if not url:
            return []
        provisioning.delete(url, one.name if _needs_name(one) else "", one.spared)
        if not wait_until(lambda: provisioning.is_gone(url), self.timeout):
            raise OcciError(f"{self.timeout:g} seconds after its deletion was accepted it is still there")
        return [f"{one.what} {one.name} deleted"]

    def _remove_image(self, one: Created) -> list[str]:
        provisioning = Provisioning(self.client, self.timeout)

        def find() -> str:
            found = saved_as(one.name, provisioning.categories())
            return found.id if found is not None else ""

        wanted = one.url or self._appeared(one, find)
        return self._remove_category(one, images(provisioning.categories()), wanted)

    def _remove_mixin(self, one: Created) -> list[str]:
        offered = Provisioning(self.client, self.timeout).categories()
        return self._remove_category(
            one, [each for each in offered if isinstance(each, Mixin)], OWN_SCHEME + one.name
        )

    def _remove_category(self, one: Created, offered: Sequence[Mixin], wanted: str) -> list[str]:
        provisioning = Provisioning(self.client, self.timeout)
        mixin = next((each for each in offered if each.id == wanted), None)
        if mixin is None:
            return []
        provisioning.delete_image(mixin)
        if not wait_until(
            lambda: mixin.id not in {each.id for each in provisioning.categories()}, self.timeout
        ):
            raise OcciError(f"{self.timeout:g} seconds after its deletion was accepted it is still offered")
        return [f"{one.what} {one.name} deleted"]

    def _appeared(self, one: Created, find: Callable[[], str]) -> str:
        """Looks for what a run asked for and never saw; what was asked for a moment ago may still appear."""
        young = abs(time.time() - one.asked_at) < _MAY_STILL_APPEAR
        found = ""

        def appeared() -> bool:
            nonlocal found
            found = find()
            return bool(found)

        wait_until(appeared, _LOOKS if young else 0.0)
        return found


def _needs_name(one: Created) -> bool:
    """Tells whether only what bears the name is deleted; an address may be another one's after a while."""
    return one.marked or not one.url or abs(time.time() - one.asked_at) > _SURE_WITHOUT_NAME


def _at(one: Created) -> str:
    return f"({one.url})" if one.url else "(never seen)"


def _is_final(one: Created, problem: OcciError) -> bool:
    """Tells whether trying again in the next run is in vain: users of the site cannot delete images."""
    return one.what == IMAGE and isinstance(problem, RequestRefused) and problem.status in _NO_DELETION
