"""Reads every answer that was recorded of five servers not ours and compares with what its plain text says."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from OcciLibrary.occi import OCCI_JSON, TEXT_OCCI, TEXT_PLAIN, URI_LIST, Message, RenderingError, read

TRANSCRIPTS = Path(__file__).resolve().parents[2].parent / "shared" / "live-transcripts"
FILES = sorted(TRANSCRIPTS.glob("*/*.txt"))

pytestmark = pytest.mark.skipif(
    not FILES, reason="the folder ../shared/live-transcripts is not beside the project"
)

# What each server departs from, over all of its answers in the renderings of OCCI.
DEVIATIONS = {
    "occi-py06": {"parameter-order"},
    "ooi27": set(),
    "pyssf": {"blank-first-line", "quoted-number", "wrong-type"},
    "rocci1": {
        "locations-in-location-field",
        "nested-attributes",
        "parameter-order",
        "pattern-as-string",
        "related-member",
    },
    "snf-occi-pyssf": {"blank-first-line", "quoted-number"},
}


@dataclass(frozen=True)
class Answer:
    """One recorded answer."""

    status: int
    headers: list[tuple[str, str]]
    body: str

    @property
    def media_type(self) -> str:
        values = [value for name, value in self.headers if name.lower() == "content-type"]
        return values[0].partition(";")[0] if values else ""

    def read(self) -> Message:
        content_type = next((v for name, v in self.headers if name.lower() == "content-type"), "")
        return read(
            content_type, self.headers, self.body.encode("utf-8", "surrogateescape"), "http://127.0.0.1/"
        )


def answers(path: Path) -> list[Answer]:
    """Takes the answers out of a transcript, in which a command, the answer and curl's exit code follow each other."""
    text = path.read_bytes().decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    pattern = r"^HTTP/1\.[01] (\d+)[^\n]*\n(.*?)\n?\[curl exit \d+\]$"
    found = []
    for status, rest in re.findall(pattern, text, re.DOTALL | re.MULTILINE):
        head, _, body = rest.partition("\n\n")
        fields = [line.partition(":") for line in head.splitlines()]
        found.append(Answer(int(status), [(name, value.strip()) for name, _, value in fields], body))
    return found


def is_success(answer: Answer) -> bool:
    return answer.status < 300


def refusal(answer: Answer) -> RenderingError | None:
    try:
        answer.read()
    except RenderingError as error:
        return error
    return None


by_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")


@by_file
def test_each_answer_is_read_or_refused_for_what_it_is(path: Path) -> None:
    for answer in answers(path):
        error = refusal(answer)
        if error is None:
            continue
        if not is_success(answer):  # words for people, HTML or the JSON of an error
            assert error.field in ("body", "Content-Type", "JSON", "text/uri-list")
        elif answer.media_type == "text/html":
            assert "no OCCI rendering" in str(error)
        elif answer.media_type == URI_LIST:  # ooi gives its discovery as lines of categories
            assert 'entity; scheme="' in answer.body
            assert "is no URI" in str(error)
        else:
            assert "pyssf's own JSON" in str(error)
            assert "pyssf" in path.parent.name


@by_file
def test_text_plain_answers_hold_what_their_lines_say(path: Path) -> None:
    for answer in answers(path):
        if answer.media_type != TEXT_PLAIN or not is_success(answer):
            continue
        message, lines = answer.read(), answer.body.splitlines()
        categories = [line for line in lines if line.startswith("Category:")]
        assert [one.term for one in message.categories] == [
            re.match(r"Category: ?([^;]+);", line)[1] for line in categories
        ]
        assert [one.scheme for one in message.categories] == [
            re.search(r'scheme="([^"]*)"', line)[1] for line in categories
        ]
        links = [line for line in lines if line.startswith("Link:")]
        assert [one.target for one in message.links] + [one.url for one in message.actions] == sorted(
            (re.match(r"Link: ?<([^>]*)>", line)[1] for line in links), key=lambda url: "?action=" in url
        )
        pairs = [line.partition(": ")[2].partition("=") for line in lines if line.startswith("X-OCCI-Attr")]
        shown = {name: str(value) for name, value in message.attributes.items()}
        assert shown.keys() == {name for name, _, _ in pairs}
        for name, _, text in pairs:
            value = text.strip('"')
            assert shown[name] == value or float(shown[name]) == float(value)
        locations = [line.partition(": ")[2] for line in lines if line.startswith("X-OCCI-Location:")]
        moved = [value for name, value in answer.headers if name == "Location" and not lines]
        assert list(message.locations) == locations or not lines or lines == ["OK"]
        assert not moved or message.locations == tuple(moved)


@by_file
def test_the_other_renderings_hold_what_their_text_says(path: Path) -> None:
    for answer in answers(path):
        if not is_success(answer):
            continue
        if answer.media_type == TEXT_OCCI:
            message = answer.read()
            own = "".join(value for name, value in answer.headers if name.lower() == "category")
            assert len(message.categories) == own.count('scheme="')
            places = [value for name, value in answer.headers if name.lower().endswith("location")]
            assert len(message.locations) == sum(value.count("http://") for value in places)
            attributes = [value for name, value in answer.headers if name.lower() == "x-occi-attribute"]
            names = re.findall(r"([a-z_.]+)=", re.sub(r'"[^"]*"', "", ",".join(attributes)))
            assert sorted(message.attributes) == sorted(names)
        if answer.media_type == URI_LIST and "scheme=" not in answer.body and answer.body != "OK":
            uris = [line for line in answer.body.split() if line.startswith(("http", "/"))]
            assert len(answer.read().locations) == len(uris)
        if answer.media_type == OCCI_JSON and "pyssf" not in path.parent.name and answer.body.strip():
            message, data = answer.read(), json.loads(answer.body)
            assert len(message.resources) == len(data.get("resources", []))
            if "kinds" in data:
                assert len(message.categories) == sum(
                    len(data[name]) for name in ("kinds", "mixins", "actions")
                )
            if "kind" in data:
                assert message.resource().id == data["id"]


@pytest.mark.parametrize("server", sorted(DEVIATIONS))
def test_each_server_departs_from_what_is_known_of_it(server: str) -> None:
    found: dict[str, set[str]] = {}
    for path in FILES:
        for answer in answers(path):
            if path.parent.name != server or not is_success(answer):
                continue
            for deviation in () if refusal(answer) else answer.read().deviations:
                found.setdefault(deviation.name, set()).add(deviation.section)

    assert found.keys() == DEVIATIONS[server]
    assert all(len(sections) == 1 and "" not in sections for sections in found.values())
