"""What known servers make of the attributes of an action."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import COMPUTE_ACTIONS
from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.sandbox.exchange import RefusedError


def any_method(term: str, attributes: Mapping[str, AttributeValue]) -> None:
    """Takes whatever comes with an action."""


def none_for_start(term: str, attributes: Mapping[str, AttributeValue]) -> None:
    """Takes a method with every action but start. Raises RefusedError 400."""
    if term == "start" and attributes:
        raise RefusedError(
            HTTPStatus.BAD_REQUEST, f"Attribute {sorted(attributes)[0]} is not declared for start"
        )


def needed_for_restart(term: str, attributes: Mapping[str, AttributeValue]) -> None:
    """Takes a restart with a method only. Raises RefusedError 400."""
    if term == "restart" and attributes.get("method") not in COMPUTE_ACTIONS["restart"].methods:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "Missing method: graceful, warm or cold is expected")


def needed_always(term: str, attributes: Mapping[str, AttributeValue]) -> None:
    """Takes an action with a method only. Raises RefusedError 400."""
    if "method" not in attributes:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"The action {term} needs a method.")
