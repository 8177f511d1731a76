"""The comparison with recordings sees what makes a dialect, and nothing else."""

from __future__ import annotations

import pytest

from tests.dialects.answer_shape import differences, shape_of

BODY = (
    'Category: compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"\n'
    'Link: </compute/1?action=start>; rel="http://schemas.ogf.org/occi/infrastructure/compute/action#start"\n'
    "X-OCCI-Attribute: occi.compute.cores=1\n"
    'X-OCCI-Attribute: occi.core.id="1"\n'
)
COMPUTE = 'compute; scheme="http://schemas.ogf.org/occi/infrastructure#"; class="kind"'


def compared(recorded: str, ours: str, media_type: str = "text/plain") -> list[str]:
    return differences(shape_of(media_type, recorded, []), shape_of(media_type, ours, []))


@pytest.mark.parametrize(
    "other",
    [
        BODY.replace("cores=1", "cores=16"),
        BODY.replace("/compute/1", "/compute/42001"),
        BODY.replace('id="1"', 'id="x, y"'),
        BODY + 'X-OCCI-Attribute: occi.core.title="another"\n',
    ],
)
def test_ids_values_and_a_sites_own_attributes_make_no_difference(other: str) -> None:
    assert compared(BODY, other) == []


@pytest.mark.parametrize(
    "other",
    [
        "\n" + BODY,
        BODY.replace("cores=1", 'cores="1"'),
        BODY.replace("</compute", "<http://127.0.0.1/compute"),
        BODY.replace("Category", "category"),
        BODY.replace(": ", ":  "),
        BODY.replace('class="kind"', "class=kind"),
        BODY.replace("; ", ";"),
        BODY.replace("Link:", "X-OCCI-Link:"),
        BODY.replace("action=start", "action=stop").replace("#start", "#stop"),
    ],
)
def test_each_quirk_of_a_text_makes_a_difference(other: str) -> None:
    assert compared(BODY, other) != []


def test_lists_header_fields_and_json_are_told_apart() -> None:
    url = "http://127.0.0.1:1/compute/1"
    assert compared(f"# uri:/compute/\n{url}", url, "text/uri-list") != []
    assert compared(f"X-OCCI-Location: {url}", f"X-OCCI-Location: {url}\nX-OCCI-Location: {url}") == []
    listed, other = [("X-OCCI-Location", url)], [("Location", url)]
    assert differences(shape_of("text/occi", "OK", listed), shape_of("text/occi", "OK", other)) != []
    assert differences(shape_of("text/occi", "OK", listed), shape_of("text/occi", "", listed)) != []
    category = [("Category", COMPUTE)]
    renamed = [("X-OCCI-Category", COMPUTE)]
    assert differences(shape_of("text/occi", "", category), shape_of("text/occi", "", renamed)) != []
    nested, flat = '{"attributes": {"occi": {"core": {}}}}', '{"id": "1", "attributes": {}}'
    assert compared(nested, flat, "application/occi+json") != []
    assert compared('{"id": "1"}', '{"id": "2"}', "application/occi+json") == []
