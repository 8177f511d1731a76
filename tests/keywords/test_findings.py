from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from robot.utils import html_format

from OcciLibrary.keywords.findings import Finding, plain, told

PASSED = Finding("1.1 Query for a listing", "pass", "")
FAILED = Finding("2.6 Query again", "fail", "Expected: a change. Seen: none.")
REMARKED = Finding("4.4 The VM went through", "pass with remark", "Remark: It was slow.")
SKIPPED = Finding("4.5 Connect", "not run", "Not run: step 4.4 failed.")


def test_failures_come_first_and_the_count_last() -> None:
    lines = told([PASSED, REMARKED, FAILED, SKIPPED]).splitlines()
    assert lines[0] == "- *FAIL* 2.6 Query again: Expected: a change. Seen: none."
    assert lines[1] == "- *PASS WITH REMARK* 4.4 The VM went through: It was slow."
    assert lines[-1] == "2 of 4 steps passed, 1 of them with a remark, 1 failed, 1 not run."


def test_run_without_findings_is_one_line() -> None:
    assert told([PASSED, PASSED]) == "2 of 2 steps passed."


def test_many_failures_are_counted() -> None:
    lines = told([FAILED] * 9).splitlines()
    assert len([line for line in lines if line.startswith("- *FAIL*")]) == 4
    assert "- and 5 more (fail)" in lines


def test_of_a_long_message_the_end_stays_too_for_it_says_what_to_do() -> None:
    message = "Expected: something. Seen: " + "much else, " * 80 + "Please ask the site's admin why."
    line = told([Finding("3.3", "fail", message)]).splitlines()[0]
    assert line.startswith("- *FAIL* 3.3: Expected: something. Seen: much")
    assert " ... " in line
    assert line.endswith("Please ask the site's admin why.")
    assert len(line) < 450


def test_what_cannot_be_told_is_not_counted_as_failed() -> None:
    unknown = Finding("1.1 Query", "cannot tell", "Cannot tell: nobody answers.")
    lines = told([unknown, SKIPPED]).splitlines()
    assert lines[0] == "- *CANNOT TELL* 1.1 Query: nobody answers."
    assert lines[-1] == "0 of 2 steps passed, 1 cannot be told, 1 not run."


HOSTILE = st.lists(
    st.sampled_from(
        [
            "[",
            "]",
            "|",
            "javascript:alert(1)",
            "http://x.example.org/a.png",
            "<script>",
            "=",
            "*",
            "_",
            " ",
            "\n",
            "- ",
            "image",
        ]
    ),
    max_size=14,
).map("".join)


@given(HOSTILE)
def test_nothing_that_a_site_says_becomes_a_link_an_image_a_table_or_a_script(text: str) -> None:
    for shown in (plain(text), told([Finding(text, "fail", text)])):
        html = html_format(shown).lower()
        assert not any(tag in html for tag in ("<a ", "<img", "<table", "<script")), html
