"""Making and deleting computes and saved images on one site: nothing else is ever deleted than what its caller made.

Sources: GFD.185 §3.4.4 and GFD.223 §11.3 (creation, deletion), GFD.224 §3.1 (save), reference §4.3 (where servers say what they
made). A creation is sent once in each form at most, and only after a look whether the form before it made something all the same.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Collection, Mapping

from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.answering import raise_for_bulk, raise_for_status
from OcciLibrary.occi.client import OcciClient
from OcciLibrary.occi.errors import RenderingError
from OcciLibrary.occi.identity import below, path_of
from OcciLibrary.occi.model import Action, AttributeValue, Category, Kind, Link, Message, Mixin, Resource
from OcciLibrary.occi.renderings import read
from OcciLibrary.occi.request_errors import (
    AnswerUnusable,
    RequestError,
    RequestRefused,
    SiteUnreachable,
)
from OcciLibrary.occi.request_forms import is_about_form
from OcciLibrary.occi.saving import SAVE_ACTIONS, SaveAction
from OcciLibrary.occi.templates import images, saved_as
from OcciLibrary.occi.transport import Answer, pause, shown_url

_GONE = (404, 410)
_NAMED_BY = ("occi.core.title", "occi.compute.hostname")
_MOST_LOOKED_AT = 50


class Provisioning:
    """Creates, saves and deletes by way of a client. ``timeout`` is the seconds that one answer may take.

    ``kind_id`` is the kind of the entities that are created, listed and deleted: compute, if nothing else is said.
    """

    def __init__(self, client: OcciClient, timeout: float, kind_id: str = infrastructure.COMPUTE_ID) -> None:
        self._client = client
        self._timeout = timeout
        scheme, hash_sign, term = kind_id.rpartition("#")
        self._kind = Kind(term, scheme + hash_sign)
        self._named_by = _NAMED_BY if kind_id == infrastructure.COMPUTE_ID else _NAMED_BY[:1]

    # ---- what a site offers

    def categories(self) -> tuple[Category, ...]:
        """Returns what discovery says now; nothing is remembered, for images come and go."""
        return self._client.discover_anew().categories

    def save_action(self, vm: Resource, categories: Collection[Category]) -> SaveAction | None:
        """Returns the way to save a VM that the VM links or the site's discovery offers for its kind and mixins, or None."""
        offered = {link.action_id for link in vm.actions}
        own = {vm.kind.id if vm.kind else infrastructure.COMPUTE_ID, *(mixin.id for mixin in vm.mixins)}
        for category in categories:
            if isinstance(category, Action):
                offered.add(category.id)
            elif isinstance(category, (Kind, Mixin)) and category.id in own:
                offered.update(category.actions)
        return next((way for way in SAVE_ACTIONS if way.action.id in offered), None)

    # ---- computes

    def create(
        self,
        name: str,
        mixins: Collection[Mixin],
        attributes: Mapping[str, AttributeValue],
        before: Collection[str] = (),
        links: tuple[Link, ...] = (),
    ) -> str:
        """Creates an entity with this name as title (a compute also as host name) and links; returns its URL.

        Where the answer does not say what was made, or none comes, the compute is looked for by its name among those whose
        paths were not there ``before``. Raises `RequestRefused` where the site refuses, `AnswerUnusable` where nobody can
        tell what was made.
        """
        client = self._client
        collection = client.location_of(self._kind.id)
        named: dict[str, AttributeValue] = dict.fromkeys(self._named_by, name)
        message = Message((self._kind, *(_bare(mixin) for mixin in mixins)), {**named, **attributes}, links)
        refused: RequestRefused | None = None
        for form in client.forms(message):
            try:
                answer = client.send("POST", collection, message, form, self._timeout)
                raise_for_status(answer)
            except RequestRefused as refusal:
                if found := self.find(name, before):
                    return found  # some servers do what they answer an error to
                if not is_about_form(refusal):
                    raise
                refused = refused or refusal
            except (SiteUnreachable, AnswerUnusable):
                if found := self.find(name, before):
                    return found
                raise
            else:
                return self._location(answer, collection) or self._found_late(name, answer, before)
        assert refused is not None
        raise refused

    def _location(self, answer: Answer, collection: str) -> str:
        told = _told_location(answer, collection)
        return self._client.entity_url(told) if told else ""

    def _found_late(self, name: str, answer: Answer, before: Collection[str]) -> str:
        if found := self.find(name, before):
            return found
        raise AnswerUnusable(
            f"POST {shown_url(answer.url)} was answered {answer.status}, but neither the answer nor the listing says what was made"
        )

    def find(self, name: str, besides: Collection[str] = ()) -> str:
        """Returns the URL of the listed compute with this name, of the 50 listed last, or ''. Raises `RequestError`.

        Those at the paths ``besides`` are not looked at.
        """
        new = [url for url, path in self.listed().items() if path not in besides]
        for url in reversed(new[-_MOST_LOOKED_AT:]):
            try:
                if bears(self._client.get(url), name):
                    return self._client.on_site(url)
            except (RequestRefused, AnswerUnusable, RenderingError):
                continue
        return ""

    def listed(self) -> dict[str, str]:
        """Returns the paths of the computes that the site lists, by their URLs; what is no URL is left out."""
        paths = {}
        for url in self._client.list_at(self._client.location_of(self._kind.id)):
            with contextlib.suppress(AnswerUnusable):
                paths[url] = path_of(self._client.on_site(url))
        return paths

    def delete(self, url: str, name: str = "", besides: Collection[str] = ()) -> None:
        """Asks for the deletion of one compute; with a name only if it still bears that. What is not there is no error.

        Raises `RequestRefused` where the site refuses, and `RequestError` where another compute has taken the place, or where it
        is at one of the paths ``besides``, which are never deleted.
        """
        target = self._client.entity_url(url)
        if path_of(target) in besides:
            raise RequestError(
                f"{shown_url(target)} was there before '{name}' was asked for, so it was not deleted"
            )
        try:
            if name and not bears(self._client.get(target), name):
                raise RequestError(f"{shown_url(target)} is not '{name}' (any more), so it was not deleted")
        except RequestRefused as refusal:
            if refusal.status in _GONE:
                return
            raise
        answer = self._client.send("DELETE", target, None, timeout=self._timeout)
        if answer.status not in _GONE:
            raise_for_status(answer)

    def is_gone(self, url: str) -> bool:
        """Tells whether a compute is not there any more: not found, or no longer listed. Raises `RequestError`."""
        try:
            self._client.get(url)
        except RequestRefused as refusal:
            if refusal.status in _GONE:
                return True
        except (AnswerUnusable, RenderingError):
            pass
        wanted = path_of(url)
        return wanted not in self.listed().values()

    # ---- images

    def save(self, vm: Resource, way: SaveAction, name: str, method: str) -> Mixin | None:
        """Saves a VM as an image of this name by ``hot`` or ``deferred``; returns the image where the answer shows it.

        It is sent once, in one form. Raises `RequestRefused` where the site refuses.
        """
        attributes: dict[str, AttributeValue] = {way.name_attribute: name}
        if way.has_methods:
            attributes["method"] = method
        answer = self._client.invoke(vm.location, way.action, attributes, self._timeout, vm.actions)
        try:
            shown = read(answer.content_type, answer.headers, answer.body, answer.url)
        except RenderingError:
            return None
        # The rendering of the image alone is sent (GFD.224 §3.1); some servers send the VM instead.
        categories = shown.categories if not shown.resources else ()
        if any(isinstance(category, Kind) for category in categories):
            return None
        if named := saved_as(name, categories):
            return named
        own = {mixin.id for mixin in vm.mixins}
        alone = [image for image in images(categories) if image.id not in own]
        return alone[0] if len(alone) == 1 == len(categories) else None

    def delete_image(self, image: Mixin) -> None:
        """Asks for the deletion of an image, the only way that OCCI has for a mixin (GFD.185 §3.4.1). Raises `RequestRefused`.

        So it does for ooi's 200 with the listing of discovery: ooi takes the DELETE for a GET. The image's collection is left
        alone: a deletion there would be about the VMs made of it.
        """
        message = Message((_bare(image),))
        place, refused = self._client.discovery_location(), None
        for form in self._client.forms(message):
            try:
                answer = self._client.send("DELETE", place, message, form, self._timeout)
                raise_for_status(answer)
                _raise_for_listing(answer)
            except RequestRefused as refusal:
                if not is_about_form(refusal):
                    raise
                refused = refused or refusal
            else:
                return
        assert refused is not None
        raise refused


def bears(resource: Resource, name: str) -> bool:
    """Tells whether a resource has this name in its title or host name: some servers put something before or behind it."""
    return any(name.lower() in str(resource.attributes.get(attribute, "")).lower() for attribute in _NAMED_BY)


def wait_until(holds: Callable[[], bool], seconds: float, longest_pause: float = 2.0) -> bool:
    """Asks again and again until it holds; False when the time is over first."""
    deadline = time.monotonic() + seconds
    wait = 0.05
    while not holds():
        if time.monotonic() > deadline:
            return False
        pause(wait)
        wait = min(wait * 1.5, longest_pause)
    return True


def _told_location(answer: Answer, collection: str) -> str:
    """Returns where an answer says that the new entity is: a Location header first, then whatever the body says (§4.3)."""
    for value in answer.all_headers("Location"):
        if first := value.split(",")[0].strip():
            return first
    try:
        raise_for_bulk(answer)
        message = read(answer.content_type, answer.headers, answer.body, answer.url)
    except (RenderingError, AnswerUnusable):
        return ""
    if message.locations:
        return message.locations[0]
    if message.resources:
        one = message.resources[0]
        return one.location or (below(collection, one.id) if one.id else "")
    name = str(message.attributes.get("occi.core.id", ""))
    return below(collection, name) if name else ""


def _raise_for_listing(answer: Answer) -> None:
    """Raises `RequestRefused`, with the status 2xx, for an answer to a deletion that only shows what discovery shows."""
    try:
        shown = read(answer.content_type, answer.headers, answer.body, answer.url)
    except RenderingError:
        return
    if any(isinstance(category, Kind) for category in shown.categories):
        words = f"DELETE {shown_url(answer.url)} was answered {answer.status} with what discovery shows: nothing was deleted"
        raise RequestRefused(words, answer.status)


def _bare(mixin: Mixin) -> Mixin:
    return Mixin(mixin.term, mixin.scheme)
