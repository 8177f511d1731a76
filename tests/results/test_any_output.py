"""Whatever an output of the kit says, it becomes a matrix in every form, and nothing that it says acts in one."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from OcciLibrary.results.matrix import build_matrix
from OcciLibrary.results.output_tree import Output, Suite, UnreadableError
from OcciLibrary.results.output_tree import Test as OutputTest
from OcciLibrary.results.reading import Results
from OcciLibrary.results.recognition import runs_in
from OcciLibrary.results.record_json import run_from_json, run_to_json
from OcciLibrary.results.records import GROUPS
from OcciLibrary.results.writing import write_matrix


class Elements(HTMLParser):
    """Notes the elements of a page, their attributes, and where they lead."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


WORDS = st.text(max_size=12) | st.sampled_from(
    [
        "",
        "4.4",
        "1.1 Query",
        "R1.2 x",
        "999.1",
        "../..",
        "<script>x</script>",
        '" onload="x',
        "'><svg/onload=x>",
        "\ud800",
        "\x00\x1b[31m",
    ]
)
TIMES = st.sampled_from(
    [
        "",
        "1.5",
        "-1",
        "nan",
        "inf",
        "1e400",
        "x",
        "2026-11-22T10:00:00.5",
        "2026-11-22T10:00:00+02:00",
        "99999-1-1",
    ]
)
META = st.dictionaries(
    st.sampled_from(["Run", "Site", "Tester", "Endpoint", "Server", "Implementation", "Verdict", "Transition", "Fingerprint"]),
    WORDS
    | TIMES
    | st.sampled_from(["pass", "fail", "99999999T999999Z-12345678", "20261122T101112Z-00000001", "http://[x", "start: state a +1.000 s, b +nan s; echo"]),
)  # fmt: skip
TESTS = st.builds(
    OutputTest,
    log_id=st.sampled_from(["s1-s2-t3", "x", 's1-t1#"', ""]),
    name=WORDS,
    doc=WORDS,
    tags=st.lists(st.sampled_from([*GROUPS, "not-offered", "mine"]), max_size=2),
    metadata=META,
    status=st.sampled_from(["PASS", "FAIL", "SKIP", "", "NOT RUN"]),
    message=WORDS | WORDS.map("Remark: ".__add__),
    start=TIMES,
    elapsed=TIMES,
)
SUITES = st.builds(
    Suite,
    name=WORDS,
    source=WORDS,
    metadata=META,
    tests=st.lists(TESTS, max_size=3),
    start=TIMES,
    elapsed=TIMES,
    ended=st.booleans(),
)
OURS = st.builds(
    Suite,
    name=WORDS,
    metadata=META.map(lambda meta: {"Endpoint": "https://u:p@h/x?q", **meta, "Library version": "0.1.0"}),
    suites=st.lists(SUITES, max_size=3),
    tests=st.lists(TESTS, max_size=2),
    start=TIMES,
    ended=st.booleans(),
)


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(st.lists(OURS, min_size=1, max_size=3))
def test_any_output_becomes_a_matrix(tmp_path_factory: pytest.TempPathFactory, suites: list[Suite]) -> None:
    runs = []
    for suite in suites:
        try:
            runs += runs_in(Output("Robot 7.5", suite, suite.ended))
        except UnreadableError as why:
            assert str(why)  # noqa: PT017
    assert [run_from_json(run_to_json(run)) for run in runs] == runs
    if not runs:
        return
    folder: Path = tmp_path_factory.mktemp("any")
    write_matrix(build_matrix(Results(tuple(runs), ()), (), {"a": "b"}), folder, folder)
    for page in folder.rglob("*.html"):
        text = page.read_text("utf-8")
        parser = Elements()
        parser.feed(text)
        assert parser.names.count("script") == (page.name == "index.html")
        assert "onload" not in parser.attributes
        assert all(
            to.startswith(("#", "../", "matrix/", "site-", "step-", "matrix.", "records."))
            for to in parser.links
        )
        assert "u:p@" not in text
        assert "\x1b" not in text
