"""Reading and writing of text/uri-list."""

from __future__ import annotations

import pytest

from OcciLibrary.occi import TEXT_PLAIN, URI_LIST, Message, RenderingError, read, write, write_locations
from OcciLibrary.occi.infrastructure import COMPUTE


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_comments_blank_lines_and_every_line_end_are_read(end: str) -> None:
    body = end.join(["# uri:/compute/", "http://h/compute/1", "", "  http://h/compute/2  ", "urn:uuid:3"])

    assert read("text/uri-list; charset=utf-8", [], body.encode()).locations == (
        "http://h/compute/1",
        "http://h/compute/2",
        "urn:uuid:3",
    )


def test_relative_uris_are_resolved_with_a_deviation() -> None:
    message = read(URI_LIST, [], b"http://h/compute/1\n/compute/2\n", "https://cloud:8787/compute/")

    assert message.locations == ("http://h/compute/1", "https://cloud:8787/compute/2")
    assert [deviation.name for deviation in message.deviations] == ["relative-location"]


def test_without_base_relative_uris_stay_as_they_are() -> None:
    assert read(URI_LIST, [], b"/compute/2").locations == ("/compute/2",)


@pytest.mark.parametrize("body", [b"", b"\r\n", b"# nothing\n"])
def test_an_empty_list_is_no_error(body: bytes) -> None:
    assert read(URI_LIST, [], body) == Message()


@pytest.mark.parametrize(
    ("body", "position"),
    [
        (b"not a uri", 0),
        (b"http://h/1\nhttp://h/a b\n", 11),
        (b'compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"', 0),
        (b"http://h/<script>", 0),
    ],
)
def test_other_lines_are_refused_with_their_position(body: bytes, position: int) -> None:
    with pytest.raises(RenderingError) as error:
        read(URI_LIST, [], body)

    assert (error.value.field, error.value.position) == ("text/uri-list", position)


def test_locations_are_written_one_per_line() -> None:
    urls = ("http://h/compute/1", "http://h/compute/a,b")

    payload = write_locations(urls, URI_LIST)

    assert payload.body == b"http://h/compute/1\r\nhttp://h/compute/a,b\r\n"
    assert read(URI_LIST, payload.headers, payload.body).locations == urls


@pytest.mark.parametrize("url", ["http://h/1\r\nhttp://evil/", "", "a b", "# comment", "\x00"])
def test_a_location_cannot_add_a_line(url: str) -> None:
    with pytest.raises(RenderingError):
        write_locations([url], URI_LIST)


def test_an_entity_has_no_uri_list() -> None:
    with pytest.raises(RenderingError, match="uri-list"):
        write(Message(categories=(COMPUTE,)), URI_LIST)


def test_uri_list_sent_as_text_plain_is_refused() -> None:
    with pytest.raises(RenderingError, match="no line is an OCCI field"):
        read(TEXT_PLAIN, [], b"https://h/compute/1\n")


def test_a_long_list_is_read_whole_and_refused_where_it_ceases_to_be_one() -> None:
    urls = tuple(f"http://h/compute/{number}" for number in range(20_000))
    body = "\r\n".join(urls).encode()

    assert read(URI_LIST, [], body).locations == urls
    with pytest.raises(RenderingError) as error:
        read(URI_LIST, [], body + b"\r\nno uri\r\n")
    assert error.value.position == len(body) + 2
