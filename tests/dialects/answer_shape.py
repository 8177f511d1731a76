"""The shape of an answer: what is left of it when ids, times, hosts and the site's own templates are taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

OCCI_FIELDS = (
    "category",
    "x-occi-category",
    "link",
    "x-occi-link",
    "x-occi-attribute",
    "x-occi-location",
    "location",
)
_ACTION_LINK = re.compile(r"<([^>]*)\?action=(\w+)>(.*)", re.DOTALL)
_ITEM = re.compile(r',\s*(?=(?:[^"<]|"[^"]*"|<[^>]*>)*$)')
# What every site has its own of, or the sandbox has none of.
_OWN = frozenset(
    {"links", "mixins", "title", "summary", "actions", "default", "pattern", "related", "applies"}
)


def text_shape(body: str) -> dict[str, Any]:
    """Returns the shape of a text body: blank first line, last line's end, and each field's."""
    lines = [line for line in body.splitlines() if line.strip()]
    fields = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return {
        "blank first line": body[:1] == "\n" and bool(lines),
        "names": " ".join(sorted({name for name, value in fields if _is_of_every_site(name, value)})),
        "after the colon": {re.match(r"[^:]*:(\s*)", line + ":")[1] for line in lines},  # type: ignore[index]
        **fields_shape(fields),
    }


def _is_of_every_site(name: str, value: str) -> bool:
    """Tells whether a field is none of a link to a network or a storage, which the sandbox has not."""
    is_link = name.lower().endswith("link")
    return not is_link or any(_ACTION_LINK.match(item.strip()) for item in _ITEM.split(value))


def fields_shape(fields: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Returns the shape of OCCI fields: the compute's category, the action links, each attribute, the locations."""
    shape: dict[str, Any] = {}
    for name, value in fields:
        for item in _ITEM.split(value) if name.lower() != "location" else value.split(","):
            _add(shape, name.lower().removeprefix("x-occi-"), item.strip())
    return shape


def _add(shape: dict[str, Any], name: str, item: str) -> None:
    if name == "category" and re.match(r'compute;\s*scheme="[^"]*/infrastructure#"', item):
        shape["compute"] = re.sub(r'(title|attributes|actions|location|rel)="[^"]*"', _told, item)
    elif name == "link" and (found := _ACTION_LINK.match(item)):
        kind = "absolute" if "://" in found[1] else "relative"
        shape.setdefault("action links", {})[found[2]] = kind + re.sub(r'"[^"]*"', '""', found[3])
    elif name == "attribute":
        attribute, _, value = item.partition("=")
        form = "quoted" if value[:1] == '"' else "bare"
        shape.setdefault("attributes", {})[attribute.strip()] = form
    elif name == "location":
        shape["locations"] = "absolute" if "://" in item else "relative"


def _told(parameter: re.Match[str]) -> str:
    where = ""
    if parameter[1] == "location":
        where = "absolute" if "://" in parameter[0] else "relative"
    return f'{parameter[1]}="{where}"'


def uris_shape(body: str) -> dict[str, Any]:
    """Returns the shape of a text/uri-list: a comment first or none."""
    return {"comment": re.sub(r"\S+$", "", body.splitlines()[0]) if body.startswith("#") else ""}


def json_shape(data: Any) -> Any:
    """Returns the shape of JSON: names and sorts of values; of a list its first compute, or its first member."""
    if isinstance(data, dict):
        return {name: json_shape(value) for name, value in data.items() if name not in _OWN}
    if isinstance(data, list):
        compute = [one for one in data if isinstance(one, dict) and one.get("term") == "compute"]
        return [json_shape((compute or data)[0])] if data else []
    return "number" if isinstance(data, (int, float)) and not isinstance(data, bool) else type(data).__name__


def differences(recorded: Any, ours: Any, path: str = "") -> list[str]:
    """Returns where two shapes differ; attributes and members that only one of them has are the site's own."""
    if isinstance(recorded, dict) and isinstance(ours, dict):
        both = recorded.keys() & ours.keys()
        missing = [] if _free(path) else sorted(recorded.keys() ^ ours.keys())
        found = [f"{path}: only one has {name}" for name in missing]
        return found + [
            one for name in both for one in differences(recorded[name], ours[name], f"{path}/{name}")
        ]
    if isinstance(recorded, list) and isinstance(ours, list):
        return differences(recorded[0], ours[0], f"{path}[]") if recorded and ours else []
    return [] if recorded == ours else [f"{path}: recorded {recorded!r}, answered {ours!r}"]


def _free(path: str) -> bool:
    """Tells whether the names at a place are a site's own choice: attributes and what hangs on them."""
    return "attributes" in path


def shape_of(content_type: str, body: str, headers: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Returns the shape of a whole answer that is not an error."""
    shape: dict[str, Any] = {
        "header fields": fields_shape(
            (name, value) for name, value in headers if name.lower() in OCCI_FIELDS
        ),
        "field names": " ".join(
            sorted(
                {
                    name.lower()
                    for name, value in headers
                    if name.lower() in OCCI_FIELDS and _is_of_every_site(name, value)
                }
            )
        ),
    }
    if "json" in content_type and body.strip():
        shape["json"] = json_shape(json.loads(body))
    elif content_type.startswith("text/uri-list"):
        shape["uris"] = uris_shape(body)
    elif content_type.startswith("text/plain"):
        shape["text"] = text_shape(body)
    else:
        shape["body"] = body.strip() if not content_type.startswith("text/html") else "html"
    return shape
