"""The infrastructure documents' rules: complete models, values, states, offered actions, and the effects of changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.conformance import change_rules, infrastructure_values, model_completeness
from OcciLibrary.conformance.findings import CannotBeShownError, NotOfferedError, failures, remarks
from OcciLibrary.conformance.instance_rules import Entity
from OcciLibrary.occi.infrastructure import (
    ATTRIBUTES_BY_CATEGORY,
    COMPUTE_ACTION_SCHEME,
    COMPUTE_ACTIONS,
    COMPUTE_ID,
    IPNETWORK_ID,
    NETWORK_ID,
    OS_TPL_ID,
    STORAGE_ID,
    STORAGELINK_ID,
    Edition,
    standard_categories,
    standard_kinds,
    standard_mixins,
)
from OcciLibrary.occi.model import Action, AttributeDefinition, Category, Kind, Mixin

EDITIONS: tuple[Edition, ...] = ("1.1", "1.2")
STOP = COMPUTE_ACTION_SCHEME + "stop"


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_documents_own_model_is_whole(edition: Edition) -> None:
    categories = standard_categories(edition)
    for kind in standard_kinds(edition)[3:]:
        assert model_completeness.kind_problems(categories, kind.id, edition) == ()
        assert model_completeness.action_problems(categories, kind.id, edition) == ()
    for mixin in standard_mixins(edition):
        assert model_completeness.mixin_problems(categories, mixin.id, edition) == ()


def test_what_is_not_offered_is_not_passed() -> None:
    for check in (
        model_completeness.kind_problems,
        model_completeness.mixin_problems,
        model_completeness.action_problems,
    ):
        with pytest.raises(NotOfferedError):
            check((), COMPUTE_ID, "1.1")
    with pytest.raises(NotOfferedError):
        model_completeness.template_problems(standard_categories())


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("kind", standard_kinds()[3:], ids=lambda kind: kind.term)
def test_every_attribute_that_is_missing_is_named(kind: Kind, edition: Edition) -> None:
    whole = {one.id: one for one in standard_kinds(edition)}[kind.id]
    for left_out in whole.attributes:
        rest = tuple(one for one in whole.attributes if one is not left_out)
        found = model_completeness.kind_problems((replace(whole, attributes=rest),), kind.id, edition)
        assert [one.expected.split()[-1] for one in found] == [left_out.name]


def one(category: Category) -> Sequence[Category]:
    return (category,)


COMPUTE = standard_kinds()[3]


def defined(name: str, **properties: object) -> Kind:
    changed = tuple(
        replace(each, **properties) if each.name == name else each  # type: ignore[arg-type]
        for each in COMPUTE.attributes
    )
    return replace(COMPUTE, attributes=changed)


@pytest.mark.parametrize(
    ("shown", "words", "harmless"),
    [
        (replace(COMPUTE, parent=""), "parent", False),
        (replace(COMPUTE, actions=COMPUTE.actions[1:]), "start", False),
        (defined("occi.compute.cores", type="string"), "integer", False),
        (defined("occi.compute.architecture", pattern="^(x86)$"), "x64", False),
        (defined("occi.compute.state", pattern="active|inactive|suspended|error"), "error", True),
        (defined("occi.compute.state", immutable=False), "immutable", True),
        (defined("occi.compute.cores", immutable=True), "mutable", True),
    ],
)
def test_each_departure_of_a_kind(shown: Kind, words: str, harmless: bool) -> None:
    found = model_completeness.kind_problems(one(shown), COMPUTE_ID, "1.1")
    assert [each.harmless for each in found] == [harmless]
    assert words in found[0].told()


@pytest.mark.parametrize("pattern", ["", "^[a-z]+$", "(a|b)[0-9]", '{"enum": ["x86"]}', "a b|c"])
def test_a_pattern_that_is_no_choice_of_words_says_nothing(pattern: str) -> None:
    shown = defined("occi.compute.architecture", pattern=pattern)
    assert model_completeness.kind_problems(one(shown), COMPUTE_ID, "1.1") == ()


def test_an_action_has_its_attributes() -> None:
    bare = tuple(
        replace(each, attributes=()) if isinstance(each, Action) else each for each in standard_categories()
    )
    found = model_completeness.action_problems(bare, COMPUTE_ID, "1.1")
    assert [each.expected.split()[2].rpartition("#")[2] for each in found] == ["stop", "restart", "suspend"]
    assert "size" in model_completeness.action_problems(bare, STORAGE_ID, "1.1")[0].told()
    missing = [each for each in standard_categories() if each.id != STOP]
    assert STOP in model_completeness.action_problems(missing, COMPUTE_ID, "1.1")[0].told()


def test_the_class_of_what_is_offered_matters() -> None:
    as_mixin, as_kind = Mixin("compute", COMPUTE_ID[:-7]), Kind("ipnetwork", IPNETWORK_ID[:-9])
    assert failures(model_completeness.kind_problems(one(as_mixin), COMPUTE_ID, "1.1"))
    assert failures(model_completeness.mixin_problems(one(as_kind), IPNETWORK_ID, "1.1"))


def test_templates_depend_on_their_own() -> None:
    good = Mixin("debian", "http://site.example.org/os_tpl#", depends=(OS_TPL_ID,))
    bad = Mixin("debian", "http://site.example.org/os_tpl#")
    assert model_completeness.template_problems([good]) == ()
    assert OS_TPL_ID in model_completeness.template_problems([bad])[0].told()


# ---- instances


def compute(**attributes: object) -> Entity:
    named = {f"occi.compute.{name}": value for name, value in attributes.items()}
    return Entity("/compute/1", (COMPUTE_ID,), attributes=named)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attributes", "words", "harmless"),
    [
        ({"cores": "two"}, "a number", False),
        ({"cores": 1.5}, "a whole number", False),
        ({"cores": 0}, "above 0", True),
        ({"cores": True}, "a number", False),
        ({"memory": -1.0}, "above 0 GiB", False),
        ({"hostname": 7}, "a string", False),
        ({"architecture": "x86_64"}, "x86, x64", False),
        ({"architecture": "X64"}, "x86, x64", True),
    ],
)
def test_each_wrong_value(attributes: dict[str, object], words: str, harmless: bool) -> None:
    found = infrastructure_values.value_problems(compute(**attributes), "1.1")
    assert [each.harmless for each in found] == [harmless]
    assert words in found[0].told()


def test_what_only_one_version_defines_is_judged_by_that_one() -> None:
    assert infrastructure_values.value_problems(compute(speed="fast"), "1.1")
    assert not infrastructure_values.value_problems(compute(speed="fast"), "1.2")


@given(st.one_of(st.none(), st.booleans(), st.text(), st.integers(), st.floats(), st.lists(st.integers())))
def test_no_value_breaks_the_rules(value: object) -> None:
    for category_id, facts in ATTRIBUTES_BY_CATEGORY.items():
        entity = Entity("/a", (category_id,), attributes={fact.name: value for fact in facts})  # type: ignore[misc]
        for edition in EDITIONS:
            infrastructure_values.value_problems(entity, edition)
            infrastructure_values.exposed_problems(entity, edition)


def test_a_vlan_has_its_range() -> None:
    network = Entity(
        "/n", (NETWORK_ID,), (IPNETWORK_ID,), {"occi.network.vlan": 4096, "occi.network.allocation": "dhcp"}
    )
    assert [each.piece for each in infrastructure_values.value_problems(network, "1.1")] == [
        "occi.network.vlan=4096",
        "occi.network.allocation='dhcp'",
    ]


def test_what_is_always_shown_and_what_only_one_document_wants() -> None:
    found = infrastructure_values.exposed_problems(compute(cores=1), "1.1")
    assert [each.expected.split()[-1] for each in failures(found)] == ["occi.compute.state"]
    assert len(remarks(found)) == 4
    assert len(infrastructure_values.exposed_problems(compute(), "1.2")) == 1
    assert len(infrastructure_values.exposed_problems(Entity("/l", (STORAGELINK_ID,)), "1.2")) == 2


@pytest.mark.parametrize(
    ("state", "edition", "fails", "remarks_on"),
    [
        ("active", "1.1", False, False),
        ("Active", "1.1", False, True),
        ("error", "1.1", True, False),
        ("error", "1.2", False, False),
        ("waiting", "1.2", True, False),
    ],
)
def test_states(state: str, edition: Edition, fails: bool, remarks_on: bool) -> None:
    found = infrastructure_values.state_problems(compute(state=state), edition)
    assert (bool(failures(found)), bool(remarks(found))) == (fails, remarks_on)


def test_a_state_that_is_not_shown_fails_and_a_kind_without_states_cannot() -> None:
    assert failures(infrastructure_values.state_problems(compute(), "1.1"))
    with pytest.raises(CannotBeShownError):
        infrastructure_values.state_problems(Entity("/x", ("http://site.example.org/a#b",)), "1.1")


def offering(state: str, *terms: str) -> Entity:
    return replace(compute(state=state), actions=tuple(COMPUTE_ACTION_SCHEME + term for term in terms))


def test_offered_actions_fit_the_state() -> None:
    check = infrastructure_values.offered_action_problems
    for state in ("active", "inactive", "suspended"):
        for edition in EDITIONS:
            terms = [
                term
                for term, fact in COMPUTE_ACTIONS.items()
                if state in fact.sources and edition in fact.editions
            ]
            assert check(offering(state, *terms), edition) == ()
    assert len(failures(check(offering("active", "stop"), "1.1"))) == 2
    every = check(offering("active", *COMPUTE_ACTIONS), "1.1")
    assert [each.piece.rpartition("#")[2] for each in every] == ["start"]
    assert every[0].harmless
    for entity in (offering("waiting"), offering("error"), Entity("/x", (STORAGELINK_ID,))):
        with pytest.raises(CannotBeShownError):
            check(entity, "1.2")


# ---- changes

WAS = {"occi.core.title": "a", "occi.compute.cores": 1, "org.site.seen": 1}


def test_an_update_that_took_effect_and_did_nothing_else() -> None:
    now = {**WAS, "occi.core.title": "b"}
    assert change_rules.stored_problems("GFD.185 §3.4.4", "/v", WAS, now, {"occi.core.title": "b"}) == ()


@pytest.mark.parametrize(
    ("now", "pieces"),
    [
        (WAS, ["occi.core.title='a'"]),
        ({**WAS, "occi.core.title": "c"}, ["occi.core.title='c'"]),
        ({"occi.compute.cores": 1, "org.site.seen": 1}, ["occi.core.title=not there"]),
        ({**WAS, "occi.core.title": "b", "occi.compute.cores": 2}, ["occi.compute.cores=2"]),
        ({"occi.core.title": "b", "org.site.seen": 1}, ["occi.compute.cores=not there"]),
        (
            {**WAS, "occi.core.title": 1, "occi.compute.cores": "b"},
            ["occi.core.title=1", "occi.compute.cores='b'"],
        ),
    ],
    ids=["ignored", "otherwise", "dropped", "another too", "another dropped", "swapped"],
)
def test_each_update_that_did_not(now: dict[str, object], pieces: list[str]) -> None:
    found = change_rules.stored_problems("GFD.185 §3.4.4", "/v", WAS, now, {"occi.core.title": "b"})  # type: ignore[arg-type]
    assert [each.piece for each in failures(found)] == pieces


def test_what_a_full_update_had_to_leave_out_is_a_remark() -> None:
    assert change_rules.left_out_problems("GFD.185 §3.4.4", "/v", ()) == ()
    (found,) = change_rules.left_out_problems("GFD.185 §3.4.4", "/v", ("occi.compute.architecture",))
    assert (found.piece, found.harmless) == ("occi.compute.architecture", True)


def test_what_a_site_shows_of_its_own_may_move() -> None:
    now = {**WAS, "org.site.seen": 2, "occi.compute.state.message": "busy"}
    found = change_rules.moved_problems("GFD.185 §3.4.4", "/v", WAS, now)
    assert [(each.piece, each.harmless) for each in found] == [("org.site.seen=2", True)]


@pytest.mark.parametrize(
    ("status", "listed", "count"),
    [(404, False, 0), (410, False, 0), (200, False, 1), (404, True, 1), (200, True, 2)],
)
def test_what_was_deleted_is_gone(status: int, listed: bool, count: int) -> None:
    assert len(change_rules.gone_problems("GFD.185 §3.4.4", "/v", status, listed)) == count


def test_a_category_may_be_named_by_any_document() -> None:
    definition = AttributeDefinition("occi.compute.cores")
    assert model_completeness.clause(COMPUTE_ID, "1.1") == "GFD.184 §3.1"
    assert model_completeness.clause(IPNETWORK_ID, "1.2") == "GFD.224 §3"
    assert definition.name in {each.name for each in COMPUTE.attributes}
