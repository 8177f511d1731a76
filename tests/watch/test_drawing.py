from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from OcciLibrary.watch import Timeline, TimelineRecorder, changes_table, page, svg
from OcciLibrary.watch.drawing import MAX_BYTES, MAX_ROWS

from .scripted import build

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert('x')</script>\x00\ud800]]>&amp;"


def texts(drawn: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(drawn).iter(f"{SVG}text")]


def bars_of(drawn: str) -> list[ET.Element]:
    """The bars of the lanes have a title, the squares of the legend have none."""
    return [rect for rect in ET.fromstring(drawn).iter(f"{SVG}rect") if rect.find(f"{SVG}title") is not None]


def test_it_shows_lanes_marks_values_and_seconds() -> None:
    drawn = svg(
        build(
            state=[("active", 1), ("inactive", 4), ("active", 10)],
            echo=[("answers", 2), ("silent", 4), ("answers", 10)],
            marks=[(1.0, "action restart sent")],
        )
    )
    shown = texts(drawn)
    assert {"OCCI state", "echo", "active", "inactive", "silent", "action restart sent", "2 s", "8 s"} <= set(
        shown
    )
    assert "ping" not in shown
    root = ET.fromstring(drawn)
    assert root.get("width") == "100%"
    assert root.get("viewBox")
    assert len(bars_of(drawn)) == 6
    labels = [element for element in root.iter(f"{SVG}text") if element.text == "OCCI state"]
    assert labels[0].get("fill") == "currentColor"


def test_a_dip_of_10_ms_in_five_minutes_can_be_seen() -> None:
    recorder = TimelineRecorder()
    for at, value in (
        (0, "active"),
        (100, "active"),
        (100.01, "inactive"),
        (100.02, "active"),
        (300, "active"),
    ):
        recorder.record("state", value, at, at)
    bars = bars_of(svg(recorder.timeline()))
    dip = [bar for bar in bars if "inactive" in (bar.findtext(f"{SVG}title") or "")]
    assert len(dip) == 1
    assert float(dip[0].get("width", "0")) >= 2.0
    assert bars[-1] is dip[0], "drawn last, upon its neighbours"


def hostile(lanes: int, spans: int) -> Timeline:
    recorder = TimelineRecorder()
    for lane in range(lanes):
        for index in range(spans):
            at = index * 0.11 if index % 3 else index * 0.1
            recorder.record(f"{HOSTILE}{lane}", f"{HOSTILE}{index}", at, at, HOSTILE * 20)
    for index in range(150):
        recorder.mark(index * 0.7, f"{index} {HOSTILE * 20}")
    return recorder.timeline()


@pytest.mark.parametrize(("lanes", "spans"), [(0, 0), (1, 1), (1, 150), (3, 150), (3, 2000), (3, 2500)])
def test_the_size_is_bounded_and_nothing_gets_through_unescaped(lanes: int, spans: int) -> None:
    timeline = hostile(lanes, spans)
    drawn = svg(timeline)
    assert len(drawn.encode("utf-8")) <= MAX_BYTES
    ET.fromstring(drawn)
    whole = page(timeline, HOSTILE)
    ET.fromstring(whole)
    assert "<script" not in whole
    assert whole.count("<tr>") <= MAX_ROWS + 2


@pytest.mark.parametrize("step", [0.001, 0.1, 5.0])
def test_2000_spans_of_usual_values_fit(step: float) -> None:
    recorder = TimelineRecorder()
    for lane in ("state", "echo", "ping"):
        for index in range(2000):
            at = index * step * (1 + index % 7)
            recorder.record(lane, ("active", "inactive", "waiting")[index % 3], at, at, "HTTP 200")
    drawn = svg(recorder.timeline())
    assert len(drawn.encode()) <= MAX_BYTES
    assert len(list(ET.fromstring(drawn).iter(f"{SVG}rect"))) >= 30


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.text(max_size=30), st.floats(0, 1e5), st.text(max_size=50)), max_size=30),
    st.lists(st.tuples(st.floats(0, 1e5), st.text(max_size=60)), max_size=15),
    st.text(max_size=30),
)
def test_whatever_a_site_sends_the_page_is_well_formed(
    samples: list[tuple[str, float, str]], marks: list[tuple[float, str]], title: str
) -> None:
    recorder = TimelineRecorder(["state"])
    for value, at, detail in samples:
        recorder.record("state", value, at, at, detail)
    for at, text in marks:
        recorder.mark(at, text)
    ET.fromstring(page(recorder.timeline(), title))
    page(recorder.timeline(), title).encode("utf-8")


def test_the_table_has_a_row_for_each_change_in_the_order_of_time() -> None:
    timeline = build(
        state=[("active", 1), ("inactive", 3)],
        echo=[("answers", 2), ("silent", 3)],
        marks=[(0.9, "stop sent")],
    )
    rows = [[cell.text or "" for cell in row] for row in ET.fromstring(changes_table(timeline)).iter("tr")]
    assert [row[2] for row in rows] == [
        "change",
        "active",
        "answers",
        "stop sent",
        "active → inactive",
        "answers → silent",
    ]
    assert rows[4][:2] == ["0.105 s", "OCCI state"], "counted from the action, as the verdicts do"
    assert rows[4][3] == "detail of inactive"


def test_the_table_says_how_many_rows_are_left_out() -> None:
    recorder = TimelineRecorder()
    for index in range(500):
        recorder.record("state", f"{index % 2}", index, index)
    table = changes_table(recorder.timeline())
    assert "300 of 500 rows are left out here" in table
    assert ">499.000 s<" in table, "the end is shown"


def test_axis_counts_from_the_action_as_the_verdicts_do() -> None:
    drawn = svg(build(state=[("active", 10.0)], marks=[(4.0, "restart sent")]))
    texts = [text.text for text in ET.fromstring(drawn).iter(f"{SVG}text")]
    assert [text for text in texts if text and text.endswith(" s")] == ["-4 s", "-2 s", "0 s", "2 s", "4 s"]
    assert "<title>active, -3.9" in drawn


def test_legend_names_each_value_once_with_its_colour() -> None:
    drawn = svg(build(state=[("active", 1), ("inactive", 1.05), ("active", 4)], echo=[("silent", 4)]))
    squares = [rect for rect in ET.fromstring(drawn).iter(f"{SVG}rect") if rect.get("width") == "9.0"]
    texts = [text.text for text in ET.fromstring(drawn).iter(f"{SVG}text")]
    assert texts[-3:] == ["active", "inactive", "silent"]
    assert [square.get("fill") for square in squares] == ["#2fb38a", "#e69f00", "#e69f00"]
