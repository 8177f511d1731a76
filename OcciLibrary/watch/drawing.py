"""Draws a timeline for log.html: inline SVG, a table of changes, and both side by side.

Everything is built as an element tree, so that whatever a site sent is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from .timeline import Lane, Mark, Span, Timeline

MAX_BYTES = 15_000
"""The size of the SVG at most."""
MAX_ROWS = 200
"""Changes listed in the table at most."""

_WIDTH = 600
_LEFT = 84
_RIGHT = 22
_ROOM = _WIDTH - _LEFT - _RIGHT
_LANE = 34
_BAR = 22
_MARK_ROW = 13
_MAX_MARKS = 12
_LETTER = 6.2
_LEGEND_GAP = 28
_TITLES = {"state": "OCCI state", "echo": "echo", "ping": "ping"}

# Okabe and Ito's colours, told apart by colour-blind readers too; black text is legible on all of them.
_COLOURS = {
    "active": "#2fb38a",
    "answers": "#2fb38a",
    "inactive": "#e69f00",
    "silent": "#e69f00",
    "suspended": "#56b4e9",
    "garbled": "#cc79a7",
    "error": "#e8743b",
}
_UNREADABLE = "#a6a6a6"
_UNKNOWN = "#f0e442"
_SEVERAL = "#d0d0d0"
_DETAIL = 3


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: a span, or several that are too narrow to be drawn one by one."""

    spans: tuple[Span, ...]

    @property
    def first(self) -> float:
        return self.spans[0].first

    @property
    def last(self) -> float:
        return self.spans[-1].last


def svg(timeline: Timeline) -> str:
    """Draws the lanes, the marks and an axis in seconds as one ``<svg>`` element of at most 15 kB.

    Neighbouring spans narrower than half a pixel are drawn as one bar; more of them when it would get too big.
    """
    narrow, letters = 0.5, 60
    while True:
        drawn = _serialised(_picture(timeline, narrow, letters))
        if len(drawn.encode()) <= MAX_BYTES or (narrow > _ROOM and letters <= 4):
            return drawn
        narrow, letters = narrow * 2, max(4, letters - 8)


def changes_table(timeline: Timeline) -> str:
    """Lists the changes and the marks in the order of time, as an HTML table of at most 200 rows."""
    rows = _rows(timeline)
    table = ET.Element("table", {"style": "border-collapse:collapse;font-size:90%;color:inherit"})
    _row(table, "th", ("time", "what", "change", "detail"))
    kept = MAX_ROWS // 2
    for row in rows if len(rows) <= MAX_ROWS else rows[:kept]:
        _row(table, "td", row)
    if len(rows) > MAX_ROWS:
        _row(table, "td", ("", "", f"{len(rows) - MAX_ROWS} of {len(rows)} rows are left out here", ""))
        for row in rows[-kept:]:
            _row(table, "td", row)
    return _serialised(table, html=True)


def page(timeline: Timeline, title: str, beside: str = "") -> str:
    """Puts the drawing and the table side by side, under a title; a fragment of HTML.

    ``beside`` is HTML that stands with them, such as the signs of a restart; it is taken as it is.
    """
    heading = ET.Element("p", {"style": "margin:0 0 .4em 0;font-weight:bold"})
    heading.text = _clean(title)
    return (
        f"<div>{_serialised(heading, html=True)}"
        '<div style="display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start">'
        f'<div style="flex:1 1 30em;min-width:0">{svg(timeline)}</div>'
        f'<div style="flex:1 1 30em;min-width:0;max-height:30em;overflow:auto">{changes_table(timeline)}</div>'
        f"{_beside(beside)}</div></div>"
    )


def _beside(fragment: str) -> str:
    return f'<div style="flex:1 1 30em;min-width:0">{fragment}</div>' if fragment else ""


def _picture(timeline: Timeline, narrow: float, letters: int) -> ET.Element:
    end = max(timeline.ended, 0.001)
    marks = _shown_marks(timeline.marks)
    mark_rows = _mark_rows(marks, end, letters)
    top = _MARK_ROW * (max(mark_rows, default=-1) + 1) + 6
    bottom = top + _LANE * len(timeline.lanes)
    zero = _zero(timeline)
    legend = _legend(timeline)
    height = bottom + 30 + 16 * bool(legend)
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_WIDTH} {height}",
            "width": "100%",
            "role": "img",
            "font-family": "sans-serif",
            "font-size": "11",
            "aria-label": "timeline of the watch",
        },
    )
    for mark, row in zip(marks, mark_rows, strict=True):  # first, so that no bar is hidden behind them
        _draw_mark(root, mark, row, bottom, end=end, zero=zero, letters=letters)
    for index, lane in enumerate(timeline.lanes):
        _draw_lane(root, lane, top + index * _LANE, end, zero=zero, narrow=narrow, letters=letters)
    _draw_axis(root, bottom, end, zero)
    _draw_legend(root, bottom + 26, legend)
    return root


def _zero(timeline: Timeline) -> float:
    """Gives the moment that verdicts, table and axis count from: the action, which is the first mark."""
    return timeline.marks[0].at if timeline.marks else 0.0


def _draw_lane(
    root: ET.Element, lane: Lane, y: int, end: float, *, zero: float, narrow: float, letters: int
) -> None:
    _text(root, _LEFT - 8, y + 15, _TITLES.get(lane.name, _short(lane.name, 14)), anchor="end")
    # The widest first, so that a short dip is drawn upon its neighbours.
    for bar in sorted(_bars(lane.spans, end, narrow), key=lambda bar: bar.first - bar.last):
        left = _x(bar.first, end)
        width = max(_x(bar.last, end) - left, 3.0)
        value, tip = _told(bar, zero, letters)
        rect = ET.SubElement(root, "rect", _box(left, y, width, _BAR, _colour(bar)))
        ET.SubElement(rect, "title").text = tip
        if len(value) * _LETTER + 6 <= width:
            _text(root, left + 3, y + 15, value, fill="#000")


def _bars(spans: Sequence[Span], end: float, narrow: float) -> list[_Bar]:
    """Makes a bar of each span; neighbours that are too narrow are gathered until they are wide enough."""
    bars: list[_Bar] = []
    gathered: list[Span] = []
    for index, span in enumerate(spans):
        until = spans[index + 1].first if index + 1 < len(spans) else span.last
        if _x(until, end) - _x(span.first, end) >= narrow:
            bars += [_Bar(tuple(gathered))] if gathered else []
            bars.append(_Bar((span,)))
            gathered = []
            continue
        gathered.append(span)
        if _x(until, end) - _x(gathered[0].first, end) >= narrow:
            bars.append(_Bar(tuple(gathered)))
            gathered = []
    return bars + ([_Bar(tuple(gathered))] if gathered else [])


def _told(bar: _Bar, zero: float, letters: int) -> tuple[str, str]:
    when = f"{bar.first - zero:.3f} s to {bar.last - zero:.3f} s"
    if len(bar.spans) > 1:
        values = ", ".join(dict.fromkeys(_short(span.value, 20) for span in bar.spans[:50]))
        return f"{len(bar.spans)} changes", f"{len(bar.spans)} changes, {when}: {_short(values, letters)}"
    span = bar.spans[0]
    detail = f": {_short(span.detail, letters)}" if span.detail else ""
    return _short(span.value, 24), f"{_short(span.value, letters)}, {when}, {span.samples} samples{detail}"


def _colour(bar: _Bar) -> str:
    return _SEVERAL if len(bar.spans) > 1 else _colour_of(bar.spans[0].value)


def _colour_of(value: str) -> str:
    return _UNREADABLE if value.startswith("(") else _COLOURS.get(value, _UNKNOWN)


def _legend(timeline: Timeline) -> list[str]:
    """Gives the values that are drawn, each once and as many as there is room for."""
    values = dict.fromkeys(_short(span.value, 24) for lane in timeline.lanes for span in lane.spans[:50])
    kept: list[str] = []
    for value in values:
        if sum(len(word) * _LETTER + _LEGEND_GAP for word in [*kept, value]) > _ROOM:
            break
        kept.append(value)
    return kept


def _draw_legend(root: ET.Element, y: int, values: Sequence[str]) -> None:
    x = float(_LEFT)
    for value in values:
        ET.SubElement(root, "rect", _box(x, y, 9, 9, _colour_of(value)))
        _text(root, x + 13, y + 9, value)
        x += len(value) * _LETTER + _LEGEND_GAP


def _draw_axis(root: ET.Element, y: int, end: float, zero: float) -> None:
    line = {
        "x1": str(_LEFT),
        "x2": str(_WIDTH - _RIGHT),
        "y1": str(y),
        "y2": str(y),
        "stroke": "currentColor",
    }
    ET.SubElement(root, "line", line)
    for tick in _ticks(end, zero):
        x = f"{_x(tick + zero, end):.1f}"
        ET.SubElement(
            root, "line", {"x1": x, "x2": x, "y1": str(y), "y2": str(y + 4), "stroke": "currentColor"}
        )
        _text(root, _x(tick + zero, end), y + 16, f"{tick:g} s", anchor="middle")


def _ticks(end: float, zero: float) -> list[float]:
    rough = end / 8
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = math.ceil(-zero / step - 1e-9), math.floor((end - zero) / step + 1e-9)
    return [round(index * step, 9) for index in range(first, last + 1)]


def _shown_marks(marks: Sequence[Mark]) -> list[Mark]:
    """Keeps the first and the last marks when there are too many to be drawn."""
    if len(marks) <= _MAX_MARKS:
        return list(marks)
    return [*marks[: _MAX_MARKS // 2], *marks[-_MAX_MARKS // 2 :]]


def _mark_rows(marks: Iterable[Mark], end: float, letters: int) -> list[int]:
    """Gives each mark's text a row in which it runs into no other."""
    taken: list[float] = []
    rows = []
    for mark in marks:
        left, right = _mark_reach(mark, end, letters)
        row = next((index for index, used in enumerate(taken) if used <= left), len(taken))
        taken[row : row + 1] = [right + 6]
        rows.append(row)
    return rows


def _mark_reach(mark: Mark, end: float, letters: int) -> tuple[float, float]:
    width = len(_short(mark.text, min(letters, 40))) * _LETTER
    left = min(_x(mark.at, end) + 3, _WIDTH - width)
    return left, left + width


def _draw_mark(
    root: ET.Element, mark: Mark, row: int, bottom: int, *, end: float, zero: float, letters: int
) -> None:
    y = row * _MARK_ROW
    x = f"{_x(mark.at, end):.1f}"
    style = {"stroke": "currentColor", "stroke-dasharray": "3 2"}
    line = ET.SubElement(root, "line", {"x1": x, "x2": x, "y1": str(y), "y2": str(bottom), **style})
    ET.SubElement(line, "title").text = f"{mark.at - zero:.3f} s: {_short(mark.text, letters)}"
    _text(root, _mark_reach(mark, end, letters)[0], y + 10, _short(mark.text, min(letters, 40)))


def _x(seconds: float, end: float) -> float:
    return _LEFT + _ROOM * min(max(seconds, 0.0), end) / end


def _box(x: float, y: float, width: float, height: float, fill: str) -> dict[str, str]:
    return {"x": f"{x:.1f}", "y": f"{y:g}", "width": f"{width:.1f}", "height": f"{height:g}", "fill": fill}


def _text(
    root: ET.Element, x: float, y: float, text: str, *, anchor: str = "", fill: str = "currentColor"
) -> None:
    place = {"x": f"{x:.1f}", "y": f"{y:g}", "fill": fill, **({"text-anchor": anchor} if anchor else {})}
    ET.SubElement(root, "text", place).text = text


def _rows(timeline: Timeline) -> list[tuple[str, str, str, str]]:
    zero = _zero(timeline)
    timed: list[tuple[float, tuple[str, str, str, str]]] = [
        (mark.at, (f"{mark.at - zero:.3f} s", "", _clean(mark.text), "")) for mark in timeline.marks
    ]
    for lane in timeline.lanes:
        name = _clean(_TITLES.get(lane.name, lane.name))
        before = ""
        for span in lane.spans:
            change = f"{before} \N{RIGHTWARDS ARROW} {span.value}" if before else span.value
            timed.append(
                (span.first, (f"{span.first - zero:.3f} s", name, _clean(change), _clean(span.detail)))
            )
            before = span.value
    return [row for _, row in sorted(timed, key=lambda entry: entry[0])]


def _row(table: ET.Element, cell: str, texts: Iterable[str]) -> None:
    row = ET.SubElement(table, "tr")
    for column, text in enumerate(texts):
        # log.html breaks words anywhere: only the detail, a foreign text, may be broken.
        wrap = "overflow-wrap:anywhere" if column == _DETAIL else "white-space:nowrap"
        style = f"text-align:left;vertical-align:top;padding:1px 8px 1px 0;word-break:normal;{wrap}"
        ET.SubElement(row, cell, {"style": style}).text = text


def _short(text: str, limit: int) -> str:
    text = _clean(text)
    return text if len(text) <= limit else f"{text[: max(1, limit - 1)]}\N{HORIZONTAL ELLIPSIS}"


def _clean(text: str) -> str:
    """Replaces what XML cannot hold, such as control characters and lone surrogates."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _serialised(element: ET.Element, html: bool = False) -> str:
    return ET.tostring(element, encoding="unicode", method="html" if html else "xml")
