"""What every OCCI server in the field takes of a request, checked on the bytes that were sent.

The rules were found by asking eleven servers on the wire; a request outside them is refused or misread by one at least.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

FORMS = ("text/plain", "text/occi", "application/occi+json")
_ACTION_SCHEME = "http://schemas.ogf.org/occi/infrastructure/compute/action#"
_METHODS = {
    "stop": ("graceful", "acpioff", "poweroff"),
    "restart": ("graceful", "warm", "cold"),
    "suspend": ("hibernate", "suspend"),
    "start": (),
}
_CATEGORY = re.compile(r'[^\s;,="]+; scheme="[^\s"<>]+"; class="(kind|mixin|action)"')
_ATTRIBUTE = re.compile(r'([A-Za-z][A-Za-z0-9._-]*)=("(?:[^"\\]|\\["\\])*"|[0-9]+(?:\.[0-9]+)?|true|false)')
_OCCI_FIELDS = {"category": "Category", "x-occi-attribute": "X-OCCI-Attribute", "link": "Link"}


@dataclass(frozen=True)
class RawRequest:
    """A request cut at its line ends: nothing is decoded, stripped or put into another case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


def cut(raw: bytes) -> RawRequest:
    """Cuts a request; each header line must be `Name: value`, with one blank."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    method, target, version = first.split(" ")
    assert version == "HTTP/1.1"
    headers = []
    for line in lines:
        match = re.fullmatch(r"([A-Za-z0-9-]+): (|\S.*\S|\S)", line)
        assert match, f"not one blank after the colon: {line!r}"
        headers.append((match[1], match[2]))
    return RawRequest(method, target, tuple(headers), body)


def departures(raw: bytes) -> list[str]:
    """Gives what leaves the common ground in a request, one phrase each; none is what is wanted."""
    request = cut(raw)
    found = [*_of_accept(request), *_of_user_agent(request)]
    if request.method == "GET":
        found += ["a body in a GET"] if request.body or request.all("Content-Type") else []
        return found
    (length,) = request.all("Content-Length") or ["none"]
    if length != str(len(request.body)):
        found.append(f"Content-Length {length} for {len(request.body)} bytes")
    types = request.all("Content-Type")
    if len(types) != 1 or types[0] not in FORMS:
        return [*found, f"Content-Type {types}"]
    found += _of_form(request, types[0])
    return found + _of_meaning(request, types[0])


def _of_accept(request: RawRequest) -> list[str]:
    accept = request.all("Accept")
    return [] if len(accept) == 1 and accept[0] in FORMS else [f"Accept {accept}"]


def _of_user_agent(request: RawRequest) -> list[str]:
    tokens = re.findall(r"OCCI/(\S+)", " ".join(request.all("User-Agent")))
    return [] if tokens == ["1.1"] else [f"User-Agent with {tokens}"]


def _of_form(request: RawRequest, form: str) -> list[str]:
    fields = [(name, value) for name, value in request.headers if name.lower() in _OCCI_FIELDS]
    if form == "text/occi":
        found = ["a body in text/occi"] if request.body else []
        return found + [
            f"the field is spelt {name}" for name, _ in fields if name != _OCCI_FIELDS[name.lower()]
        ]
    found = ["OCCI fields in the header"] if fields else []
    if form == "text/plain":
        return found + _of_lines(request.body)
    return found


def _of_lines(body: bytes) -> list[str]:
    found = []
    if b"\r" in body:
        found.append("CR in the body")
    if not body or body.startswith(b"\n") or b"\n\n" in body:
        found.append("a blank line or no line at all")
    order = [line.partition(b":")[0] for line in body.splitlines()]
    if order != sorted(order):
        found.append("attributes before categories")
    return found


def _fields(request: RawRequest, form: str, name: str) -> list[str]:
    """Gives the values of an OCCI field one by one; a comma outside quotes separates them in a header."""
    if form == "text/occi":
        return [
            part for value in request.all(name) for part in re.split(r', (?=(?:[^"]*"[^"]*")*[^"]*$)', value)
        ]
    prefix = f"{name}: "
    return [
        line.removeprefix(prefix) for line in request.body.decode().split("\n") if line.startswith(prefix)
    ]


def _of_meaning(request: RawRequest, form: str) -> list[str]:
    if form == "application/occi+json":
        return _of_json(request)
    categories, attributes = _fields(request, form, "Category"), _fields(request, form, "X-OCCI-Attribute")
    lines = (
        request.body.decode().splitlines()
        if form == "text/plain"
        else [""] * (len(categories) + len(attributes))
    )
    found = (
        [f"{len(lines)} lines, {len(categories) + len(attributes)} fields"]
        if len(lines) != len(categories) + len(attributes)
        else []
    )
    found += [f"Category {value}" for value in categories if not _CATEGORY.fullmatch(value)]
    found += [f"X-OCCI-Attribute {value}" for value in attributes if not _ATTRIBUTE.fullmatch(value)]
    if form == "text/occi":
        # pyssf and rOCCI-server 2 split at commas within quotes, MartServer at =.
        found += [f"unsafe in a header: {v}" for v in attributes if "," in v or "=" in v.partition("=")[2]]
    names = [value.partition("=")[0] for value in attributes]
    terms = [value.partition(";")[0] for value in categories if value.endswith('class="action"')]
    schemes = [value for value in categories if terms and f'scheme="{_ACTION_SCHEME}"' not in value]
    methods = [value.partition("=")[2].strip('"') for value in attributes if value.startswith("method=")]
    return found + _of_action(request, terms, names, methods) + [f"action scheme {s}" for s in schemes]


def _of_json(request: RawRequest) -> list[str]:
    data = json.loads(request.body)
    if not isinstance(data, dict):
        return ["JSON that is no object"]
    action = str(data.get("action", ""))
    terms = [action.removeprefix(_ACTION_SCHEME)] if action else []
    attributes = data.get("attributes", {})
    methods = [str(attributes["method"])] if "method" in attributes else []
    found = _of_action(request, terms, list(attributes), methods)
    return found + [f"member {name}" for name in ("links", "location", "actions") if name in data]


def _of_action(request: RawRequest, terms: list[str], names: list[str], methods: list[str]) -> list[str]:
    """Checks that query and body name the same action, with a method that OCCI knows and start has none."""
    query = re.findall(r"[?&]action=([^&]*)", request.target)
    if query != terms:
        return [f"the query says {query}, the body {terms}"]
    if not terms:
        immutable = {"occi.core.id", "occi.compute.state", "occi.compute.state.message"}
        return [f"{name} cannot be set" for name in names if name in immutable]
    if request.method != "POST":
        return [f"an action by {request.method}"]
    wrong = [m for m in methods if m not in _METHODS[terms[0]]]
    return [f"method {wrong} of {terms[0]}"] if wrong or set(names) > {"method"} else []
