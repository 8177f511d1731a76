"""The rules of the core model: what the documents' own model keeps, and what each single breach is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.conformance import category_rules, instance_rules, link_rules
from OcciLibrary.conformance.editions import by_editions
from OcciLibrary.conformance.findings import (
    CannotBeShownError,
    Finding,
    Findings,
    failures,
    remarks,
)
from OcciLibrary.conformance.instance_rules import Entity, Model
from OcciLibrary.occi.infrastructure import (
    COMPUTE_ACTION_SCHEME,
    COMPUTE_ID,
    CORE_SCHEME,
    ENTITY_ID,
    LINK_ID,
    NETWORK_ID,
    NETWORKINTERFACE_ID,
    OS_TPL_ID,
    RESOURCE_ID,
    Edition,
    standard_categories,
)
from OcciLibrary.occi.model import (
    Action,
    AttributeDefinition,
    Category,
    Kind,
    Link,
    Message,
    Mixin,
)

WHOLE = standard_categories()
MODEL = Model(WHOLE)
START = COMPUTE_ACTION_SCHEME + "start"
OWN = "http://site.example.org/occi#"
Rule = Callable[[Sequence[Category]], Findings]


def changed(category_id: str, **new: object) -> tuple[Category, ...]:
    """The documents' model with one category changed."""
    return tuple(replace(one, **new) if one.id == category_id else one for one in WHOLE)  # type: ignore[arg-type]


def without(*ids: str) -> tuple[Category, ...]:
    return tuple(one for one in WHOLE if one.id not in ids)


def old(rule: category_rules.CategoryRule) -> Rule:
    return lambda categories: rule(categories, "1.1")


def new(rule: category_rules.CategoryRule) -> Rule:
    return lambda categories: rule(categories, "1.2")


PLAIN_RULES: tuple[Rule, ...] = (
    category_rules.core_kinds_missing,
    category_rules.wrong_parents,
    category_rules.repeated,
    category_rules.foreign_names,
    category_rules.dangling_actions,
    category_rules.dangling_relations,
)
EDITION_RULES = (
    category_rules.ill_formed_identifiers,
    category_rules.wrong_attribute_definitions,
    category_rules.wrong_locations,
)


@pytest.mark.parametrize("edition", ["1.1", "1.2"])
def test_the_documents_own_model_keeps_every_rule(edition: Edition) -> None:
    categories = standard_categories(edition)
    assert [rule(categories) for rule in PLAIN_RULES] == [()] * len(PLAIN_RULES)
    assert [rule(categories, edition) for rule in EDITION_RULES] == [()] * len(EDITION_RULES)


BREACHES: list[tuple[str, Rule, Sequence[Category], str, bool]] = [
    ("no entity", category_rules.core_kinds_missing, without(ENTITY_ID), ENTITY_ID, True),
    (
        "entity as a mixin",
        category_rules.core_kinds_missing,
        (*without(ENTITY_ID), Mixin("entity", CORE_SCHEME)),
        "something other",
        False,
    ),
    ("no parent", category_rules.wrong_parents, changed(COMPUTE_ID, parent=""), "no parent", False),
    (
        "lost parent",
        category_rules.wrong_parents,
        changed(COMPUTE_ID, parent=OWN + "x"),
        "not offered",
        False,
    ),
    ("circle", category_rules.wrong_parents, changed(COMPUTE_ID, parent=COMPUTE_ID), "circle", False),
    (
        "entity has a parent",
        category_rules.wrong_parents,
        changed(ENTITY_ID, parent=LINK_ID),
        "no parent",
        False,
    ),
    ("twice", category_rules.repeated, (*WHOLE, WHOLE[0]), "2 times, with the same", True),
    (
        "twice and different",
        category_rules.repeated,
        (*WHOLE, Kind("compute", COMPUTE_ID[:-7], "another")),
        "different",
        False,
    ),
    ("no URI", old(category_rules.ill_formed_identifiers), (Kind("x", "no scheme#"),), "no scheme#", False),
    (
        "no hash",
        old(category_rules.ill_formed_identifiers),
        (Kind("x", "http://a.example/b"),),
        "end in #",
        True,
    ),
    ("capital", old(category_rules.ill_formed_identifiers), (Kind("Small", OWN),), "Small", False),
    ("blank", new(category_rules.ill_formed_identifiers), (Kind("my kind", OWN),), "my kind", False),
    (
        "foreign scheme",
        category_rules.foreign_names,
        (Mixin("ipreservation", "http://schemas.ogf.org/occi/infrastructure#"),),
        "ipreservation",
        True,
    ),
    (
        "foreign attribute",
        category_rules.foreign_names,
        (Mixin("x", OWN, attributes=(AttributeDefinition("occi.site.own"),)),),
        "occi.site.own",
        True,
    ),
    (
        "no location of a mixin",
        old(category_rules.wrong_locations),
        (Mixin("a", OWN),),
        "it has none",
        True,
    ),
    (
        "no location",
        old(category_rules.wrong_locations),
        changed(COMPUTE_ID, location=""),
        "it has none",
        False,
    ),
    ("no slash", old(category_rules.wrong_locations), changed(COMPUTE_ID, location="/c"), "end in /", False),
    (
        "no slash in 1.2",
        new(category_rules.wrong_locations),
        changed(COMPUTE_ID, location="/c"),
        "end in /",
        True,
    ),
    (
        "entity located",
        new(category_rules.wrong_locations),
        changed(ENTITY_ID, location="/e/"),
        "no location",
        False,
    ),
    ("lost action", category_rules.dangling_actions, without(START), START, False),
    ("ownerless action", category_rules.dangling_actions, (*WHOLE, Action("x", OWN)), "belong", True),
    (
        "lost mixin",
        category_rules.dangling_relations,
        (Mixin("a", OWN, depends=(OS_TPL_ID,)),),
        OS_TPL_ID,
        False,
    ),
    (
        "on a kind",
        category_rules.dangling_relations,
        (*WHOLE, Mixin("a", OWN, depends=(COMPUTE_ID,))),
        "kind",
        True,
    ),
    (
        "lost kind",
        category_rules.dangling_relations,
        (Mixin("a", OWN, applies=(COMPUTE_ID,)),),
        "no kind",
        False,
    ),
    (
        "attribute name",
        old(category_rules.wrong_attribute_definitions),
        changed(COMPUTE_ID, attributes=(AttributeDefinition("Cores Of It"),)),
        "Cores Of It",
        False,
    ),
    (
        "type",
        new(category_rules.wrong_attribute_definitions),
        changed(COMPUTE_ID, attributes=(AttributeDefinition("a.b", type="float32"),)),
        "float32",
        False,
    ),
]


@pytest.mark.parametrize(
    ("name", "rule", "categories", "words", "harmless"), BREACHES, ids=[each[0] for each in BREACHES]
)
def test_each_breach_is_one_finding(
    name: str, rule: Rule, categories: Sequence[Category], words: str, harmless: bool
) -> None:
    findings = rule(categories)
    assert findings, name
    assert {finding.harmless for finding in findings} == {harmless}
    assert words in findings[0].told()
    assert "GFD." in findings[0].clause


@given(st.lists(st.sampled_from([*(one.id for one in WHOLE), "", OWN + "x"]), min_size=3, max_size=8))
def test_parents_of_any_shape_come_to_an_end(parents: list[str]) -> None:
    kinds = [Kind(f"k{number}", OWN, parent=parent) for number, parent in enumerate(parents)]
    kinds += [Kind(f"c{number}", OWN, parent=f"{OWN}c{(number + 1) % 3}") for number in range(3)]
    found = category_rules.wrong_parents((*WHOLE, *kinds))
    assert {one.expected.split()[5] for one in found} >= {f"{OWN}c0", f"{OWN}c1", f"{OWN}c2"}
    assert Model(kinds).line(f"{OWN}c0") == (f"{OWN}c0", f"{OWN}c1", f"{OWN}c2")


def test_a_hostile_discovery_is_judged_in_linear_time() -> None:
    many = 20_000
    chain = [Kind(f"k{number}", OWN, parent=f"{OWN}k{number + 1}") for number in range(many)]
    mixins = [Mixin(f"m{number}", OWN, depends=(f"{OWN}m{number + 1}",)) for number in range(many)]
    odd = [Mixin(f"o{number}", "http://schemas.ogf.org/occi/infrastructure#") for number in range(many)]
    began = time.process_time()
    assert len(category_rules.wrong_parents(chain)) == many
    assert len(category_rules.dangling_relations(mixins)) == 1
    assert len(category_rules.foreign_names(odd)) == many
    model = Model((*chain, *mixins))
    assert len(model.line(f"{OWN}k0")) == many + 1
    assert len(model.with_dependencies([f"{OWN}m0"])) == many + 1
    assert time.process_time() - began < 5.0


# ---- versions


def finding(harmless: bool = False) -> Finding:
    return Finding("GFD.1 §1", "this", "that", harmless=harmless)


def test_what_one_version_allows_is_no_failure() -> None:
    def strict_in_12(edition: Edition) -> Findings:
        return (finding(),) if edition == "1.2" else ()

    assert by_editions(("1.1",), strict_in_12) == ()
    assert failures(by_editions(("1.2",), strict_in_12)) == (finding(),)
    both = by_editions(("1.1", "1.2"), strict_in_12)
    assert not failures(both)
    assert "1.2" in remarks(both)[0].told()


def test_what_no_version_allows_is_judged_by_the_nearest() -> None:
    found = {"1.1": (finding(), finding(True)), "1.2": (finding(), finding())}
    assert by_editions(("1.1", "1.2"), lambda edition: found[edition]) == found["1.1"]


def test_a_version_that_cannot_tell_is_left_out() -> None:
    def mute_in_11(edition: Edition) -> Findings:
        if edition == "1.1":
            raise CannotBeShownError("no such state")
        return ()

    assert by_editions(("1.1", "1.2"), mute_in_11) == ()
    with pytest.raises(CannotBeShownError):
        by_editions(("1.1",), mute_in_11)


# ---- entities

VM = Entity("/compute/1", (COMPUTE_ID,), attributes={"occi.core.id": "1", "occi.compute.cores": 1})


def test_an_entity_by_the_book_has_no_finding() -> None:
    vm = replace(VM, actions=(START,), listed_in=COMPUTE_ID)
    rules = (instance_rules.kind_problems, instance_rules.action_problems, instance_rules.attribute_problems)
    assert [rule(vm, MODEL) for rule in rules] == [()] * 3
    assert instance_rules.id_problems(vm) == ()


@pytest.mark.parametrize(
    ("kinds", "words", "harmless"),
    [
        ((), "without any", False),
        ((COMPUTE_ID, NETWORK_ID), NETWORK_ID, False),
        ((RESOURCE_ID, COMPUTE_ID), RESOURCE_ID, True),
        ((OWN + "vm",), "is not", False),
        ((ENTITY_ID,), "abstract", False),
    ],
)
def test_an_entity_has_one_offered_kind(kinds: tuple[str, ...], words: str, harmless: bool) -> None:
    found = instance_rules.kind_problems(replace(VM, kinds=kinds), MODEL)
    assert found[0].harmless is harmless
    assert words in found[0].told()


def test_an_entity_stands_in_the_collection_of_its_kind() -> None:
    assert not instance_rules.kind_problems(replace(VM, listed_in=RESOURCE_ID), MODEL)
    assert "listed as" in instance_rules.kind_problems(replace(VM, listed_in=NETWORK_ID), MODEL)[0].told()


def test_mixins_are_offered_and_apply() -> None:
    foreign = Mixin("net", OWN, applies=(NETWORK_ID,))
    model = Model((*WHOLE, foreign))
    found = instance_rules.mixin_problems(replace(VM, mixins=(foreign.id, OWN + "lost", OS_TPL_ID)), model)
    assert [one.piece for one in found] == [foreign.id, OWN + "lost"]


def test_actions_are_those_of_kind_and_mixins_and_what_these_depend_on() -> None:
    base = Mixin("base", OWN, actions=(OWN + "act",))
    tag = Mixin("tag", OWN, depends=(base.id,))
    model = Model((*WHOLE, base, tag, Action("act", OWN), Action("other", OWN)))
    vm = replace(VM, mixins=(tag.id,), actions=(START, OWN + "act", OWN + "other", OWN + "lost"))
    assert [one.piece for one in instance_rules.action_problems(vm, model)] == [OWN + "other", OWN + "lost"]


def test_attributes_are_declared_or_at_least_known() -> None:
    poor = Model(changed(COMPUTE_ID, attributes=()))
    vm = replace(VM, attributes={"occi.compute.cores": 1, "org.site.rack": "7", "occi.network.vlan": 1})
    found = {one.piece: one.harmless for one in instance_rules.attribute_problems(vm, poor)}
    assert found == {"occi.compute.cores": True, "org.site.rack": False, "occi.network.vlan": False}


@pytest.mark.parametrize("good", ["1", "urn:uuid:0aa2", "/compute/1", "http://x.example/a?b#c", "a%20b"])
def test_ids_that_a_uri_can_hold(good: str) -> None:
    assert instance_rules.id_problems(replace(VM, attributes={"occi.core.id": good})) == ()


@pytest.mark.parametrize("bad", ["", "a b", 'a"b', "ä", "100%", "<x>"])
def test_ids_that_no_uri_can_hold(bad: str) -> None:
    assert len(instance_rules.id_problems(replace(VM, attributes={"occi.core.id": bad}))) == 1


def test_ids_are_unique_and_two_are_needed_to_show_it() -> None:
    other = replace(VM, url="/compute/2")
    assert "/compute/1 and /compute/2" in instance_rules.repeated_ids([VM, other])[0].told()
    assert instance_rules.repeated_ids([VM, replace(other, attributes={"occi.core.id": "2"})]) == ()
    for few in ([], [VM], [VM, VM], [VM, replace(other, attributes={})]):
        with pytest.raises(CannotBeShownError):
            instance_rules.repeated_ids(few)


def test_an_entity_is_read_with_all_that_stands_there() -> None:
    both = Message((Kind("resource", CORE_SCHEME), Kind("compute", COMPUTE_ID[:-7]), Category("x", OWN)))
    seen = instance_rules.entity_of(both, "/a", COMPUTE_ID, True)
    assert (seen.kinds, seen.kind, seen.mixins) == ((RESOURCE_ID, COMPUTE_ID), COMPUTE_ID, (OWN + "x",))
    assert (seen.listed_in, seen.in_json) == (COMPUTE_ID, True)


# ---- links

NIC = Link("/network/1", (NETWORK_ID,), "/link/1", (NETWORKINTERFACE_ID,))


def test_a_link_by_the_book_has_no_finding() -> None:
    vm = replace(VM, links=(NIC,))
    entity = Entity("/link/1", attributes={link_rules.SOURCE: "/compute/1", link_rules.TARGET: "/network/1"})
    assert link_rules.shown_link_problems(vm, MODEL) == ()
    assert link_rules.link_entity_problems(entity, "http://s/compute/1", "/network/1") == ()
    assert link_rules.end_problems(vm, "/network/1", 200, NETWORK_ID, MODEL) == ()


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (replace(NIC, target=""), "target"),
        (replace(NIC, rel=()), "rel"),
        (replace(NIC, categories=(OWN + "x",)), OWN + "x"),
        (replace(NIC, categories=(COMPUTE_ID,)), LINK_ID),
    ],
)
def test_each_breach_of_a_shown_link(link: Link, words: str) -> None:
    found = link_rules.shown_link_problems(replace(VM, links=(link,)), MODEL)
    assert len(found) == 1
    assert words in found[0].told()


def test_json_may_leave_the_targets_kind_out() -> None:
    vm = replace(VM, links=(replace(NIC, rel=()),), in_json=True)
    assert link_rules.shown_link_problems(vm, MODEL) == ()


def test_a_link_leads_from_and_to_where_the_resource_says() -> None:
    swapped = Entity("/link/1", attributes={link_rules.SOURCE: "/network/1", link_rules.TARGET: "/compute/1"})
    assert len(link_rules.link_entity_problems(swapped, "/compute/1", "/network/1")) == 2
    assert len(link_rules.link_entity_problems(Entity("/link/1"))) == 2


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [(404, "", "404"), (200, NETWORKINTERFACE_ID, "resource"), (200, COMPUTE_ID, "rel")],
)
def test_the_end_of_a_link_is_there_and_what_rel_says(status: int, kind: str, words: str) -> None:
    found = link_rules.end_problems(replace(VM, links=(NIC,)), "/network/1", status, kind, MODEL)
    assert len(found) == 1
    assert words in found[0].told()


def test_what_lies_elsewhere_is_told_apart() -> None:
    assert link_rules.is_on_site("/network/1", "http://site:80/")
    assert link_rules.is_on_site("http://SITE:80/network/1", "http://site:80/")
    assert not link_rules.is_on_site("http://other/network/1", "http://site:80/")
    assert not link_rules.is_on_site("urn:uuid:1", "http://site:80/")


def test_the_kinds_of_the_core_are_known_where_they_are_not_offered() -> None:
    assert category_rules.wrong_parents(without(ENTITY_ID, RESOURCE_ID, LINK_ID)) == ()
