"""Where the two editions of OCCI ask a server for different things, as data."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import Edition


@dataclass(frozen=True, slots=True)
class Rules:
    """What an edition asks for.

    ``deleted`` answers a deletion, ``gone`` a question for what was deleted. With ``filters_in_bodies`` the body of a GET is a filter
    like its header fields; with ``filters_by_relatives`` a filter of discovery keeps what descends from its category too; ``pages``
    are asked for by a query; with ``members_answered`` a change of a mixin's members is answered with all of them. ``id_form`` makes
    an id of a UUID, ``term`` is the grammar of terms and names; with ``ids_in_paths`` an
    entity lies below its collection by its id. With ``always_saves`` the action of saving is linked though nobody may create. What ``needs_provider`` is whole only where users may create.
    """

    edition: Edition
    deleted: HTTPStatus = HTTPStatus.OK
    gone: HTTPStatus = HTTPStatus.GONE
    filters_in_bodies: bool = True
    filters_by_relatives: bool = False
    pages: bool = False
    members_answered: bool = False
    term: str = r"[a-z][a-z0-9_-]*"
    id_form: str = "urn:uuid:{id}"
    ids_in_paths: bool = False
    needs_provider: bool = False
    always_saves: bool = False


# What the sandbox is by itself: OCCI 1.1 with the JSON and the pages of 1.2.
OWN_RULES = Rules("1.1", gone=HTTPStatus.NOT_FOUND, pages=True, id_form="{id}", needs_provider=True)
# GFD.185 §3.4, §3.5.1, §3.6.8; GFD.229 §4, GFD.223 §5.4, §6, §7, §11.
OCCI_1_1 = Rules("1.1")
OCCI_1_2 = Rules(
    "1.2",
    deleted=HTTPStatus.NO_CONTENT,
    gone=HTTPStatus.NOT_FOUND,
    filters_in_bodies=False,
    filters_by_relatives=True,
    pages=True,
    members_answered=True,
    term=r"[A-Za-z0-9][A-Za-z0-9_.-]*",
    ids_in_paths=True,
    always_saves=True,
)
