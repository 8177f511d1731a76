"""The model, the infrastructure table, and what importing the package costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from OcciLibrary.occi import (
    Action,
    Category,
    CategoryClass,
    Kind,
    Message,
    Mixin,
    OcciError,
    RenderingError,
    Resource,
)
from OcciLibrary.occi import infrastructure as infra


def test_the_id_is_scheme_and_term_and_the_title_takes_no_part() -> None:
    assert Kind("compute", infra.INFRASTRUCTURE_SCHEME, "any title").id == infra.COMPUTE_ID
    assert [
        one.category_class
        for one in (Kind("a", "s#"), Mixin("a", "s#"), Action("a", "s#"), Category("a", "s#"))
    ] == [
        CategoryClass.KIND,
        CategoryClass.MIXIN,
        CategoryClass.ACTION,
        None,
    ]


def test_the_entity_of_a_message_has_its_kind_mixins_and_location() -> None:
    message = Message(
        categories=(Mixin("small", "t#"), infra.COMPUTE),
        attributes={"occi.core.id": "1", "occi.core.title": "vm"},
        locations=("http://h/1",),
    )

    vm = message.resource()

    assert (vm.kind, vm.mixins, vm.location) == (infra.COMPUTE, (Mixin("small", "t#"),), "http://h/1")
    assert (vm.id, vm.title) == ("1", "vm")


def test_ancestors_rendered_next_to_the_kind_are_passed_over() -> None:
    resource, compute = infra.standard_kinds()[1], infra.COMPUTE

    assert Message(categories=(resource, compute)).resource().kind == compute


@pytest.mark.parametrize(
    "message",
    [
        Message(),
        Message(locations=("http://h/1",)),
        Message(categories=infra.standard_categories()),
        Message(resources=(Resource(None), Resource(None))),
    ],
)
def test_what_is_not_one_entity_is_an_error(message: Message) -> None:
    with pytest.raises(RenderingError, match="Expected"):
        message.resource()


@pytest.mark.parametrize(
    "message", [Message(), Message(categories=(infra.COMPUTE,)), Message(categories=(Action("a", "s#"),) * 2)]
)
def test_what_is_not_one_action_is_an_error(message: Message) -> None:
    with pytest.raises(RenderingError, match="action"):
        message.action_invocation()


def test_errors_are_written_for_testers() -> None:
    error = RenderingError("the quote is not closed", "Category", 4, "a closing quote")

    assert str(error) == "Category, at character 5: the quote is not closed. Expected a closing quote."
    assert isinstance(error, OcciError)
    assert error.ROBOT_SUPPRESS_NAME


def test_the_editions_differ_where_the_documents_do() -> None:
    old = {one.name for one in infra.attributes_of(infra.COMPUTE_ID, "1.1")}
    new = {one.name for one in infra.attributes_of(infra.COMPUTE_ID, "1.2")}

    assert old - new == {"occi.compute.speed"}
    assert new - old == {"occi.compute.share", "occi.compute.state.message"}
    assert [one.term for one in infra.actions_of(infra.COMPUTE_ID, "1.1")] == [
        "start",
        "stop",
        "restart",
        "suspend",
    ]
    assert infra.actions_of(infra.COMPUTE_ID, "1.2")[-1].term == "save"
    assert [one.term for one in infra.actions_of(infra.STORAGE_ID, "1.2")] == ["online", "offline"]
    assert infra.actions_of(infra.STORAGELINK_ID) == ()


def test_storage_states_follow_the_edition() -> None:
    patterns = {
        edition: {one.name: one.pattern for one in infra.attributes_of(infra.STORAGE_ID, edition)}[
            "occi.storage.state"
        ]
        for edition in ("1.1", "1.2")
    }

    assert patterns == {
        "1.1": "^(online|offline|backup|snapshot|resize|degraded)$",
        "1.2": "^(online|offline|error)$",
    }


def test_each_compute_action_has_its_target_and_methods() -> None:
    facts = {term: (fact.target, fact.methods) for term, fact in infra.COMPUTE_ACTIONS.items()}

    assert facts == {
        "start": ("active", ()),
        "stop": ("inactive", ("graceful", "acpioff", "poweroff")),
        "restart": ("active", ("graceful", "warm", "cold")),
        "suspend": ("suspended", ("hibernate", "suspend")),
        "save": ("active", ("hot", "deferred")),
    }
    assert infra.COMPUTE_ACTIONS["stop"].sources == ("active",)


def test_types_and_immutable_attributes() -> None:
    assert infra.ATTRIBUTE_TYPES["occi.compute.cores"] == "integer"
    assert infra.ATTRIBUTE_TYPES["occi.compute.memory"] == "number"
    assert infra.ATTRIBUTE_TYPES["occi.core.id"] == "string"
    assert frozenset({"occi.core.id", "occi.compute.state", "occi.compute.state.message"}) == (
        infra.IMMUTABLE_COMPUTE_ATTRIBUTES
    )


def test_every_id_of_a_kind_is_discoverable() -> None:
    ids = {one.id for one in infra.standard_categories("1.2")}

    for kind in infra.standard_kinds("1.2"):
        assert kind.parent in ids | {""}
        assert set(kind.actions) <= ids
    assert {infra.OS_TPL_ID, infra.RESOURCE_TPL_ID, infra.IPNETWORK_ID, infra.IPNETWORKINTERFACE_ID} <= ids


@pytest.mark.parametrize("module", ["OcciLibrary.occi", "OcciLibrary.sandbox.__main__"])
def test_importing_a_package_loads_nothing_heavy(module: str) -> None:
    code = (
        f"import sys, {module}; print(*(set(sys.modules) & {{'requests', 'robot', 'asyncssh', 'cheroot'}}))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True
    )

    assert done.stdout.strip() == ""
