"""The grammar of the four fields, rule by rule (GFD.185 §3.5.1-3.5.5, GFD.229 §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from OcciLibrary.lint.findings import FindingLog, quoted
from OcciLibrary.lint.names import (
    check_attribute_name,
    check_reference,
    check_scheme,
    check_term,
    check_type_id,
    is_core,
    words_of,
)
from OcciLibrary.lint.text_fields import Field, split_locations
from OcciLibrary.lint.text_items import Item, Parameter, Word, list_items, note_empty_item, unreadable
from OcciLibrary.lint.values import check_quoted, check_text_value
from OcciLibrary.occi.text_fields import LOCATION_SEPARATOR
from OcciLibrary.occi.text_items import QUOTED, WORD

_ORDER = {
    "Category": ("scheme", "class", "title", "rel", "location", "attributes", "actions"),
    "Link": ("rel", "self", "category"),
}
_CLASSES = ("kind", "mixin", "action")
_PROPERTIES = frozenset({"immutable", "required"})
_DEFINITION = re.compile(r"([^\s{}]+)(?:\{([^{}]*)\})?|(\S)")
_ATTRIBUTE = re.compile(
    # As where it is read, the blanks behind a value belong to it, so that no two runs of blanks meet.
    rf'[ \t]*(?:("?)({WORD})\1[ \t]*(=)[ \t]*(?:({QUOTED}|[^\s;,"]+(?:[ \t]+[^\s;,"]+)*)[ \t]*)?'
    r"(?:(;)[ \t]*)?(?:(,)|\Z)"
    r"|(,)|\Z|(.+))",
    re.DOTALL,
)
_ACTION_QUERY = re.compile(r"[?&]action=([^&#]*)")


@dataclass(slots=True)
class Told:
    """Holds what the fields of one entity have told so far, for what concerns several of them."""

    categories: dict[str, list[tuple[Word, str]]] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    has_kind: bool = False
    has_content: bool = False


def check_fields(fields: Iterable[Field], log: FindingLog, in_body: bool) -> None:
    """Records all that is wrong with the values of the fields of one message.

    In a body several entities may stand one below the other, which is a deviation of its own; each is checked by itself.
    """
    told = Told()
    moved: list[Word] = []
    for one in fields:
        log.field = one.name
        if one.name == "Category":
            told = _check_categories(one, told, log, in_body)
        elif one.name == "Link":
            told.has_content = True
            _check_links(one, log)
        elif one.name == "X-OCCI-Attribute":
            told.has_content = True
            _check_attributes(one, told, log)
        else:
            found = _check_locations(one, log)
            moved += found if one.name == "Location" else []
    log.field = "Category"
    _check_duplicates(told, log)
    log.field = "Location"
    for word in moved[1:]:
        log.add(
            "locations-in-location-field",
            word.begin,
            word.end,
            "several locations stand in Location",
            "X-OCCI-Location",
        )
    log.field = ""


def _check_duplicates(told: Told, log: FindingLog) -> None:
    for type_id, places in told.categories.items():
        for word, content in places[1:]:
            how = "the same content" if content == places[0][1] else "different content"
            words = f"{quoted(type_id)} stands {len(places)} times, with {how}"
            log.add("duplicate-category", word.begin, word.end, words, "each category once")


# ---- Category


def _check_categories(source: Field, told: Told, log: FindingLog, in_body: bool) -> Told:
    """Checks the value of a Category field; gives what is told of the entity that it belongs to."""
    items = list_items(source, log)
    own_kinds = [item for item in items if _is_own_kind(item)]
    if in_body and own_kinds and told.has_kind and told.has_content:
        if not log.has("several-entities"):
            words = "another entity begins in the same body"
            log.add(
                "several-entities",
                own_kinds[0].begin,
                own_kinds[0].end,
                words,
                "X-OCCI-Location fields, or one entity",
            )
        _check_duplicates(told, log)
        told = Told()
    told.has_kind = told.has_kind or bool(own_kinds)
    for item in items:
        _check_category(item, source, told, log)
    return told


def _is_own_kind(item: Item) -> bool:
    """Tells whether a category is a kind, and none of the ancestors that some servers show beside it."""
    found = {parameter.name.text.lower(): parameter.value.value for parameter in item.parameters}
    return found.get("class") == "kind" and not is_core(found.get("scheme", ""))


def _check_category(item: Item, source: Field, told: Told, log: FindingLog) -> None:
    head = item.head
    if head is None or head.text[:1] == "<":
        begin, end = (head.begin, head.end) if head else (item.begin, item.end)
        log.add("missing-term", begin, end, "the term of the category is missing", "a term such as compute")
        return
    check_term(head, log)
    found = _parameters(item, "Category", log)
    scheme, category_class = found.get("scheme"), found.get("class")
    if scheme is None or not scheme.value.value:
        log.add(
            "missing-scheme",
            head.begin,
            item.end,
            f"the category {quoted(head.text)} has no scheme",
            'scheme="..."',
        )
    else:
        check_scheme(scheme.value, head.text, log)
        content = source.value[item.begin - source.begin : item.end - source.begin]
        told.categories.setdefault(scheme.value.value + head.text, []).append((head, content))
    _check_class(head, item, category_class, log)
    if rel := found.get("rel"):
        _check_category_rel(rel, log)
    if actions := found.get("actions"):
        for word in words_of(actions.value, log):
            check_type_id(word, log)
    if attributes := found.get("attributes"):
        _check_definitions(attributes.value, log)
    if "title" in found:
        check_quoted(found["title"].value, log)
    _check_category_location(head, found, log)


def _check_class(head: Word, item: Item, found: Parameter | None, log: FindingLog) -> None:
    if found is None:
        log.add(
            "missing-class",
            head.begin,
            item.end,
            f"the category {quoted(head.text)} has no class",
            'class="kind"',
        )
    elif found.value.value not in _CLASSES:
        words = f"{quoted(head.text)} has the class {quoted(found.value.value)}"
        log.add("unknown-class", found.value.begin, found.value.end, words, "kind, mixin or action")


def _check_category_rel(rel: Parameter, log: FindingLog) -> None:
    types = words_of(rel.value, log)
    for word in types:
        check_type_id(word, log)
    if len(types) > 1:
        words = "the rel of a category names more than one type"
        log.add("several-rel", types[1].begin, types[-1].end, words, "one type identifier")


def _check_category_location(head: Word, found: dict[str, Parameter], log: FindingLog) -> None:
    scheme, category_class = (
        found[name].value.value if name in found else "" for name in ("scheme", "class")
    )
    location = found.get("location")
    if location is None:
        in_full = not found.keys().isdisjoint({"attributes", "actions", "rel"})
        if category_class == "kind" and in_full and not is_core(scheme):
            words = f"the kind {quoted(head.text)} has no location"
            log.add("kind-without-location", head.begin, head.end, words, 'location="/.../"')
        return
    check_reference(location.value, "the location", log)
    if scheme + head.text == "http://schemas.ogf.org/occi/core#entity":
        words = "core#entity has a location, though nothing is of this kind alone"
        log.add("entity-with-location", location.name.begin, location.value.end, words, "no location")
    if category_class in ("kind", "mixin") and not location.value.value.endswith("/"):
        words = f"the location of {quoted(head.text)} does not end in a slash"
        log.add(
            "location-without-slash", location.value.begin, location.value.end, words, "a path that ends in /"
        )


def _check_definitions(value: Word, log: FindingLog) -> None:
    inner = value.begin + value.is_quoted
    text = value.text[1:-1] if value.is_quoted else value.text
    for match in _DEFINITION.finditer(text):
        begin = inner + match.start()
        if match[3]:
            words = f"{quoted(text[match.start() :])} is no list of attributes"
            log.add("unreadable", begin, inner + len(text), words, "names, each with {...} at most")
            return
        check_attribute_name(Word(match[1], begin), log)
        if match[2] is not None and not frozenset(match[2].split()) <= _PROPERTIES:
            words = f"{match[1]} has the properties {quoted(match[2])}"
            at = inner + match.start(2)
            log.add(
                "unknown-attribute-property", at, at + len(match[2]), words, "immutable and required alone"
            )


# ---- Link


def _check_links(source: Field, log: FindingLog) -> None:
    for item in list_items(source, log):
        _check_link(item, log)


def _check_link(item: Item, log: FindingLog) -> None:
    head = item.head
    if head is None or head.text[:1] != "<":
        begin, end = (head.begin, head.end) if head else (item.begin, item.end)
        log.add("missing-target", begin, end, "the target of the link is missing", "<URL> at the beginning")
        return
    target = Word(head.text[1:-1], head.begin + 1)
    check_reference(target, "the target", log)
    found = _parameters(item, "Link", log)
    rel = words_of(found["rel"].value, log) if "rel" in found else []
    if not rel and "rel" not in found:
        words = f"the link to {quoted(target.text)} has no rel"
        log.add("link-without-rel", head.begin, head.end, words, 'rel="type of the target"')
    for word in (*rel, *(words_of(found["category"].value, log) if "category" in found else ())):
        check_type_id(word, log)
    if self_url := found.get("self"):
        check_reference(self_url.value, "the address of the link", log)
    _check_action_link(target, rel, log)
    for parameter in item.parameters:
        name = parameter.name
        if name.text.lower() not in ("rel", "self", "category", "title"):
            check_attribute_name(name, log)
            check_text_value(name.text, parameter.value, log, in_link=True)
        elif name.text.lower() == "title":
            check_quoted(parameter.value, log)


def _check_action_link(target: Word, rel: list[Word], log: FindingLog) -> None:
    query = _ACTION_QUERY.search(target.text)
    term = rel[0].value.rpartition("#")[2] if rel else ""
    if query is None:
        if rel and "/action#" in rel[0].value:
            words = f"the link's type is an action, but its address {quoted(target.text)} names none"
            log.add(
                "action-link-without-query",
                target.begin,
                target.end,
                words,
                f"{target.text[:60]}?action={term}",
            )
    elif rel and query[1] != term:
        words = f"the address names the action {quoted(query[1])}, rel names {quoted(term)}"
        log.add("action-term-mismatch", rel[0].begin, rel[0].end, words, "the same action in both")


def _parameters(item: Item, field_name: str, log: FindingLog) -> dict[str, Parameter]:
    """Gives the parameters that the documents name, the first of each, and records what is wrong with their form."""
    order = _ORDER[field_name]
    found: dict[str, Parameter] = {}
    highest, attributes_begun = -1, False
    for parameter in item.parameters:
        name, value = parameter.name.text.lower(), parameter.value
        if name not in order:
            attributes_begun = True
            if field_name == "Category":
                words = f"the parameter {quoted(parameter.name.text)} is none that OCCI defines"
                log.add(
                    "unknown-parameter", parameter.name.begin, parameter.name.end, words, ", ".join(order)
                )
            continue
        rank = order.index(name)
        if rank < highest or (attributes_begun and field_name == "Link"):
            words = f"the parameter {name} comes late"
            log.add(
                "parameter-order",
                parameter.name.begin,
                parameter.name.end,
                words,
                f"the order {', '.join(order)}",
            )
        highest = max(rank, highest)
        if not value.text:
            log.add("missing-value", parameter.name.begin, value.end, f"{name} has no value", f'{name}="..."')
        elif not value.is_quoted and (field_name, name) not in (("Category", "class"), ("Link", "category")):
            words = f"the value of {name} is not quoted"
            log.add("unquoted-parameter", value.begin, value.end, words, f'"{value.text[:60]}"')
        if name in found:
            words = f"the parameter {name} is given twice"
            log.add("repeated-parameter", parameter.name.begin, value.end, words, f"one {name}")
        found.setdefault(name, parameter)
    return found


# ---- X-OCCI-Attribute


def _check_attributes(source: Field, told: Told, log: FindingLog) -> None:
    separator, at = ",", source.begin
    for match in _ATTRIBUTE.finditer(source.value):
        equals, comma, lone, bad = match[3], match[6], match[7], match[8]
        if bad:
            unreadable(source, match.start(8), log, 'name="string" or name=number')
            return
        if equals:
            _check_attribute(source, match, told, log)
        elif separator:
            note_empty_item(source, max(at - 1, source.begin), source.begin + match.end(), log)
        separator, at = comma or lone, source.begin + match.end()
        if not separator:
            return


def _check_attribute(source: Field, match: re.Match[str], told: Told, log: FindingLog) -> None:
    quote, name = match[1], Word(match[2], source.begin + match.start(2))
    if quote:
        words = f"the name {name.text} is in quotes"
        log.add("quoted-attribute-name", name.begin - 1, name.end + 1, words, name.text)
    check_attribute_name(name, log)
    begin = source.begin + (match.start(4) if match[4] is not None else match.end(3))
    value = Word(match[4] or "", begin)
    check_text_value(name.text, value, log)
    if match[5]:
        at = source.begin + match.start(5)
        words = f"the value of {name.text} ends in a semicolon"
        log.add("trailing-semicolon", at, at + 1, words, "a comma, or nothing")
    if told.attributes.setdefault(name.text, value.value) != value.value:
        words = f"{name.text} is given twice, with different values"
        log.add("repeated-attribute", name.begin, value.end, words, "one value")


# ---- X-OCCI-Location, Location


def _check_locations(source: Field, log: FindingLog) -> list[Word]:
    source = split_locations(source, log)
    position = 0
    found: list[Word] = []
    for begin, end in [
        *(match.span() for match in LOCATION_SEPARATOR.finditer(source.value)),
        (len(source.value), 0),
    ]:
        word = _stripped(source, position, begin)
        if word.text:
            _check_location(word, log)
            found.append(word)
        else:
            note_empty_item(source, word.begin, word.begin + 1, log)
        position = end
    return found


def _stripped(source: Field, begin: int, end: int) -> Word:
    text = source.value[begin:end]
    return Word(text.strip(), source.begin + begin + len(text) - len(text.lstrip()))


def _check_location(word: Word, log: FindingLog) -> None:
    if len(word.text) > 1 and word.text[0] + word.text[-1] in ("<>", '""'):
        words = f"{quoted(word.text)} stands in quotes or brackets"
        log.add("delimited-location", word.begin, word.end, words, word.text[1:-1])
        word = Word(word.text[1:-1], word.begin + 1)
    check_reference(word, "the location", log)
