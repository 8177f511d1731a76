"""Plots of a site's history as inline SVG: pure functions, built as element trees, so that every name in them is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from OcciLibrary.results.history import Times
from OcciLibrary.results.records import Run, Verdict
from OcciLibrary.results.signs import anchor, day, moment, sign_of

MOST_RUNS = 60
"""Runs drawn at most, the latest ones."""
_NAMES = 300
_COLUMN = 20
_ROW = 18
_HEAD = 78
_SLANT = 50  # what the slanted dates need at the right
_PLOT_WIDTH = 720
_PLOT_HEIGHT = 240
_LEFT = 52
_BOTTOM = 44
_MARKS = ("circle", "square", "diamond", "triangle", "cross")
_SHORTEST_TOP = 0.1


@dataclass(frozen=True, slots=True)
class Row:
    """Holds one step's line in the history: its key, name and verdict in each run (None: the run had no such step)."""

    name: str
    verdicts: tuple[Verdict | None, ...]


def verdict_history(rows: Sequence[Row], runs: Sequence[Run], name: str) -> str:
    """Draws a square with a sign for each step (down) and run (across, the latest at the right); `name` is its own on a page."""
    width = _NAMES + _COLUMN * len(runs) + _SLANT
    height = _HEAD + _ROW * len(rows) + 4
    root = _svg(width, height, "verdict of each step in each run")
    _define_squares(root, name)
    for column, run in enumerate(runs):
        x = _NAMES + _COLUMN * column + _COLUMN / 2
        to_run = ET.SubElement(root, "a", {"href": f"#{anchor(run)}"})
        label = _text(to_run, x, _HEAD - 8, day(run), "label", transform=f"rotate(-60 {x:g} {_HEAD - 8})")
        ET.SubElement(label, "title").text = f"{moment(run)}, {run.tester}"
    for line, row in enumerate(rows):
        y = _HEAD + _ROW * line
        _text(root, _NAMES - 8, y + 13, _short(row.name, 46), "label", anchor="end")
        for column, verdict in enumerate(row.verdicts):
            if verdict is not None:
                square = _square(root, name, _NAMES + _COLUMN * column, y, verdict)
                square.text = f"{row.name}: {verdict.value}, {day(runs[column])}"
    return _written(root)


def _define_squares(root: ET.Element, name: str) -> None:
    """Draws each verdict's square once, for the history to use as often as it needs."""
    for verdict in Verdict:
        shown = sign_of(verdict)
        group = ET.SubElement(
            ET.SubElement(root, "defs"),
            "g",
            {"id": f"square-{name}-{shown.name}", "class": f"v-{shown.name}"},
        )
        box = {"x": "1", "y": "1", "width": str(_COLUMN - 2), "height": str(_ROW - 2), "rx": "3"}
        ET.SubElement(group, "rect", box)
        _text(group, _COLUMN / 2, 13, shown.sign, "sign", anchor="middle")


def _square(root: ET.Element, name: str, x: float, y: float, verdict: Verdict) -> ET.Element:
    """Draws a square and returns its title."""
    place = {"href": f"#square-{name}-{sign_of(verdict).name}", "x": f"{x:g}", "y": f"{y:g}"}
    return ET.SubElement(ET.SubElement(root, "use", place), "title")


def transition_plot(series: Sequence[Times], runs: Sequence[Run], first: int = 0) -> str:
    """Draws how many seconds each transition took, run by run; each line has a mark of its own shape.

    `first` is the index of the first run that is drawn.
    """
    shown = [(times, [(i - first, s) for i, s in times.points if i >= first]) for times in series]
    shown = [(times, points) for times, points in shown if points]
    if not shown:
        return ""
    top = _nice_top(max(seconds for _, points in shown for _, seconds in points))
    legend = _BOTTOM + 18 * ((len(shown) + 2) // 3)
    root = _svg(_PLOT_WIDTH, _PLOT_HEIGHT + legend, "seconds that each transition took, run by run")
    _axes(root, top, runs[first:])
    for number, (times, points) in enumerate(shown):
        line = [(_x(index, len(runs) - first), _y(seconds, top), seconds) for index, seconds in points]
        name = f"{times.step.key} {times.action}"
        _line(root, number, name, line)
        x, y = _LEFT + 220 * (number % 3), _PLOT_HEIGHT + _BOTTOM + 18 * (number // 3)
        group = ET.SubElement(root, "g", {"class": f"series-{number % len(_MARKS)}"})
        _mark(group, number, x + 6, y)
        _text(
            root,
            x + 18,
            y + 4,
            _short(f"{name} ({sum(s for _, s in points) / len(points):.2f} s on average)", 36),
            "label",
        )
    return _written(root)


def _axes(root: ET.Element, top: float, runs: Sequence[Run]) -> None:
    for part in range(5):
        seconds = top * part / 4
        y = _y(seconds, top)
        ends = {
            "x1": str(_LEFT),
            "x2": str(_PLOT_WIDTH - 10),
            "y1": f"{y:.1f}",
            "y2": f"{y:.1f}",
            "class": "grid",
        }
        ET.SubElement(root, "line", ends)
        _text(root, _LEFT - 6, y + 4, f"{seconds:g} s", "label", anchor="end")
    every = max(1, -(-len(runs) // 8))
    for index in range(0, len(runs), every):
        _text(root, _x(index, len(runs)), _PLOT_HEIGHT + 18, day(runs[index]), "label", anchor="middle")


def _line(root: ET.Element, number: int, name: str, points: Sequence[tuple[float, float, float]]) -> None:
    group = ET.SubElement(root, "g", {"class": f"series-{number % len(_MARKS)}"})
    ET.SubElement(group, "polyline", {"points": " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)})
    for x, y, seconds in points:
        mark = _mark(group, number, x, y)
        ET.SubElement(mark, "title").text = f"{name}: {seconds:.3f} s"


def _mark(parent: ET.Element, number: int, x: float, y: float) -> ET.Element:
    shape = _MARKS[number % len(_MARKS)]
    if shape == "circle":
        return ET.SubElement(parent, "circle", {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": "4"})
    corners = {
        "square": ((-4, -4), (4, -4), (4, 4), (-4, 4)),
        "diamond": ((0, -5), (5, 0), (0, 5), (-5, 0)),
        "triangle": ((0, -5), (5, 4), (-5, 4)),
        "cross": ((-5, -2), (5, -2), (5, 2), (-5, 2)),
    }[shape]
    points = " ".join(f"{x + right:.1f},{y + down:.1f}" for right, down in corners)
    return ET.SubElement(parent, "polygon", {"points": points})


def _x(index: int, count: int) -> float:
    room = _PLOT_WIDTH - _LEFT - 60
    return _LEFT + 25 + (room * index / (count - 1) if count > 1 else room / 2)


def _y(seconds: float, top: float) -> float:
    return 12 + (_PLOT_HEIGHT - 12) * (1 - seconds / top)


def _nice_top(highest: float) -> float:
    """Returns a round number not below the highest value, four parts of which are round, too."""
    size = _SHORTEST_TOP
    while True:
        for factor in (1, 2, 4, 8):
            if size * factor >= highest:
                return size * factor
        size *= 10


def _svg(width: float, height: float, label: str) -> ET.Element:
    size = {"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}", "height": f"{height:g}"}
    return ET.Element("svg", {**size, "role": "img", "aria-label": label, "class": "plot"})


def _text(
    parent: ET.Element, x: float, y: float, text: str, kind: str, anchor: str = "start", transform: str = ""
) -> ET.Element:
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": kind, "text-anchor": anchor}
    element = ET.SubElement(parent, "text", {**place, "transform": transform} if transform else place)
    element.text = text
    return element


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _written(root: ET.Element) -> str:
    return ET.tostring(root, encoding="unicode", short_empty_elements=False)
