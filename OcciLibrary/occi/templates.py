"""The templates that a site offers for new VMs: images (os_tpl) and sizes (resource_tpl), told by what they depend on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from OcciLibrary.occi.infrastructure import OS_TPL_ID, RESOURCE_TPL_ID
from OcciLibrary.occi.model import Category, Mixin, Resource

# Where a site leaves out what a template depends on, its scheme tells: the customary ones (reference, templates of the field).
_IMAGES = re.compile(r"(os_tpl|template/os)#$")
_SIZES = re.compile(r"(resource_tpl|template/resource|(compute/)?(flavour|template)/\d[\d.]*)#$")
_USUAL_SIZES = ("small", "tiny", "m1.tiny", "m1-tiny", "m1.small", "m1-small")


def images(categories: Iterable[Category]) -> tuple[Mixin, ...]:
    """Returns the image templates among the categories of discovery, or of one VM (GFD.184 §3.5.1)."""
    return tuple(c for c in categories if isinstance(c, Mixin) and _is(c, OS_TPL_ID, _IMAGES))


def sizes(categories: Iterable[Category]) -> tuple[Mixin, ...]:
    """Returns the size templates among the categories of discovery, or of one VM (GFD.184 §3.5.2)."""
    return tuple(c for c in categories if isinstance(c, Mixin) and _is(c, RESOURCE_TPL_ID, _SIZES))


def _is(mixin: Mixin, template_id: str, scheme: re.Pattern[str]) -> bool:
    if mixin.id in (OS_TPL_ID, RESOURCE_TPL_ID):
        return False
    tail = "#" + template_id.rpartition("#")[2]
    depends = [one for one in mixin.depends if one.endswith(("#os_tpl", "#resource_tpl"))]
    return any(one.endswith(tail) for one in depends) if depends else bool(scheme.search(mixin.scheme))


def named(name: str, templates: Iterable[Mixin]) -> Mixin | None:
    """Returns the template with this id, term or title (in this order of certainty); None when there is none, or several."""
    every = tuple(templates)
    for fits in (_by_id, _by_term, _by_title):
        found = {mixin.id: mixin for mixin in every if fits(mixin, name)}
        if found:
            return next(iter(found.values())) if len(found) == 1 else None
    return None


def _by_id(mixin: Mixin, name: str) -> bool:
    return mixin.id == name


def _by_term(mixin: Mixin, name: str) -> bool:
    return unquote(mixin.term).lower() == name.lower()


def _by_title(mixin: Mixin, name: str) -> bool:
    return mixin.title.strip().lower() == name.lower()


def image_like(vm: Resource, offered: Iterable[Mixin]) -> Mixin | None:
    """Returns the image that a VM was made of, where the VM names it and the site still offers it, or the only one there is."""
    return _like(vm, tuple(offered))


def size_like(vm: Resource, offered: Iterable[Mixin]) -> Mixin | None:
    """Returns the size that a VM has, where it names it and the site offers it; else a usual small one, or the only one."""
    every = tuple(offered)
    usual = (size for name in _USUAL_SIZES for size in every if size.term.lower() == name)
    return _like(vm, every) or next(usual, None)


def _like(vm: Resource, offered: tuple[Mixin, ...]) -> Mixin | None:
    own = {mixin.id for mixin in vm.mixins}
    same = [mixin for mixin in offered if mixin.id in own]
    if len(same) == 1:
        return same[0]
    return offered[0] if len(offered) == 1 else None


def saved_as(name: str, offered: Iterable[Category], before: Iterable[str] = ()) -> Mixin | None:
    """Returns the image template that a VM was saved as: new since ``before`` (ids), with the name in its title or term.

    The name consists of letters and digits alone, for bridges make terms of names in ways of their own.
    """
    known = set(before)
    found = [
        mixin
        for mixin in images(offered)
        if mixin.id not in known and name.lower() in (mixin.title + " " + mixin.term).lower()
    ]
    return found[0] if found else None
