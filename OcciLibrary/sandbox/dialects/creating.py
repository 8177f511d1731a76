"""How a server offers new VMs and images of them, where the site lets its users make some: as data, for a dialect."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from OcciLibrary.occi.contextualisation import OCCI_FAMILY, OPENSTACK_FAMILY, Family
from OcciLibrary.occi.infrastructure import COMPUTE_ACTIONS, COMPUTE_ID, OS_TPL_ID, RESOURCE_TPL_ID
from OcciLibrary.occi.model import Action, AttributeDefinition, AttributeValue, Mixin
from OcciLibrary.occi.renderings import TEXT_OCCI, TEXT_PLAIN, write_locations
from OcciLibrary.occi.saving import SAVE_ACTIONS, SaveAction
from OcciLibrary.sandbox.exchange import Answer

CreationAnswer = Callable[[str, str], Answer]
_SCHEME = "http://sandbox.example.org/occi/infrastructure"


@dataclass(frozen=True, slots=True)
class Size:
    """A size template, and the attributes that a VM of it has."""

    mixin: Mixin
    attributes: dict[str, AttributeValue]


def located(media_type: str, url: str) -> Answer:
    """Answers a creation 201 with the URL in the Location header and in the body (GFD.185 §3.4.4)."""
    body = b"OK" if media_type == TEXT_OCCI else write_locations([url], media_type).body
    return Answer(HTTPStatus.CREATED, media_type, (("Location", url),), body)


def listed(media_type: str, url: str) -> Answer:
    """Answers a creation 200 with the URL where listings have theirs, as ooi does."""
    payload = write_locations([url], media_type)
    body = b"" if media_type == TEXT_OCCI else payload.body
    return Answer(HTTPStatus.OK, payload.content_type, payload.headers, body)


def told_ok(media_type: str, url: str) -> Answer:
    """Answers a creation 201 with a Location header and the word OK, as pyssf does."""
    return Answer(HTTPStatus.CREATED, TEXT_PLAIN, (("Location", url),), b"OK")


@dataclass(frozen=True, slots=True)
class Creating:
    """What users can make. ``image`` is the reference VM's own, ``sizes`` are what VMs can have, the first one by default.

    ``families`` are the contextualisation mixins that count; ``save`` is how a VM becomes an image: with ``defers`` also at its next
    stop, with ``shows_image`` the answer shows the image, else the VM. With ``images_go`` users can delete theirs, with ``lists_instead`` it takes that for a question of what there is.
    Without ``saves`` no VM becomes an image; with ``by_the_book`` an image and a size may be left out, and a size counts only where one is
    named; ``id_form`` makes the id of a new VM of its UUID.
    """

    image: Mixin
    sizes: Sequence[Size]
    families: tuple[Family, ...] = (OCCI_FAMILY, OPENSTACK_FAMILY)
    save: SaveAction = SAVE_ACTIONS[0]
    answer: CreationAnswer = located
    deleted: HTTPStatus = HTTPStatus.OK
    defers: bool = True
    shows_image: bool = True
    images_go: bool = True
    lists_instead: bool = False
    saves: bool = True
    by_the_book: bool = False
    id_form: str = "{id}"

    def image_of(self, term: str, name: str) -> Mixin:
        """Returns the mixin of a saved image."""
        place = self.image.location.rstrip("/").rpartition("/")[0]
        end = "/" if self.image.location.endswith("/") else ""
        return replace(self.image, term=term, title=name, location=f"{place}/{term}{end}")

    def mixins(self) -> tuple[Mixin, ...]:
        """Returns what discovery shows of this, without saved images."""
        return (self.image, *(size.mixin for size in self.sizes), *_shown(self.families))

    def shown_save(self) -> Action:
        """Returns the action of saving as discovery shows it."""
        if self.save is SAVE_ACTIONS[0]:
            return COMPUTE_ACTIONS["save"].action
        definition = AttributeDefinition(self.save.name_attribute, type="string")
        return replace(self.save.action, title="Saves a VM as an image", attributes=(definition,))


def _shown(families: tuple[Family, ...]) -> tuple[Mixin, ...]:
    shown = []
    for family in families:
        key = [family.key_name] if family.key_name else []
        for mixin, names in (
            (family.key, [*key, family.key_attribute]),
            (family.user_data, [family.user_data_attribute]),
        ):
            definitions = tuple(
                AttributeDefinition(name, required=name != family.key_name, immutable=True, type="string")
                for name in names
            )
            title = f"Contextualisation ({family.name})"
            place = f"/mixin/{family.name.partition(' ')[0].lower()}/{mixin.term}/"
            shown.append(
                replace(mixin, title=title, attributes=definitions, location=place, applies=(COMPUTE_ID,))
            )
    return tuple(shown)


def size_of(term: str, cores: int, memory: float) -> Size:
    """Returns a size template of the sandbox's own."""
    mixin = Mixin(
        term,
        f"{_SCHEME}/resource_tpl#",
        f"{cores} cores, {memory:g} GiB",
        location=f"/mixin/resource_tpl/{term}/",
        depends=(RESOURCE_TPL_ID,),
        applies=(COMPUTE_ID,),
    )
    return Size(
        mixin, {"occi.compute.cores": cores, "occi.compute.memory": memory, "occi.compute.speed": 2.4}
    )


OWN_CREATING = Creating(
    Mixin(
        "reference_vm",
        f"{_SCHEME}/os_tpl#",
        "The reference VM's image",
        location="/mixin/os_tpl/reference_vm/",
        depends=(OS_TPL_ID,),
        applies=(COMPUTE_ID,),
    ),
    (size_of("small", 1, 1.0), size_of("medium", 2, 2.0)),
)
