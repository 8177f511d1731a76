"""The progress of a wait: in place on a terminal, one line per change elsewhere."""

from __future__ import annotations

import io

import pyte

from OcciLibrary.keywords.progress import Progress


class Terminal(io.StringIO):
    """A terminal that can be looked at."""

    def __init__(self, lines: int = 10) -> None:
        super().__init__()
        self.screen = pyte.Screen(80, lines)
        self._stream = pyte.Stream(self.screen)

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._stream.feed(text.replace("\n", "\r\n"))
        return len(text)

    @property
    def shown(self) -> list[str]:
        return [line.rstrip() for line in self.screen.display if line.strip()]


def test_terminal_shows_seconds_so_far_of_seconds_allowed_in_one_line() -> None:
    terminal = Terminal()
    terminal.write("3.3 Monitor the VM state ")
    progress = Progress(300.0, terminal)
    progress.show(0.5, "state inactive, echo silent")
    assert terminal.shown == ["3.3 Monitor the VM state", "  0.5 s of 300 s: state inactive, echo silent"]
    progress.show(1.0, "state active, echo answers")
    assert terminal.shown == ["3.3 Monitor the VM state", "  1.0 s of 300 s: state active, echo answers"]
    progress.end()
    terminal.write("| PASS |\n")
    assert terminal.shown == ["3.3 Monitor the VM state | PASS |"]


def test_terminal_whose_last_line_is_in_use_scrolls_and_keeps_its_place() -> None:
    terminal = Terminal(lines=3)
    terminal.write("one\ntwo\n3.3 Monitor ")
    progress = Progress(300.0, terminal)
    progress.show(0.5, "state inactive")
    assert terminal.shown == ["two", "3.3 Monitor", "  0.5 s of 300 s: state inactive"]
    progress.end()
    terminal.write("| PASS |\n")
    assert terminal.shown == ["two", "3.3 Monitor | PASS |"]


def test_file_gets_one_line_per_change() -> None:
    out = io.StringIO()
    progress = Progress(60.0, out)
    for seconds, words in (
        (0.1, "state inactive"),
        (0.6, "state inactive"),
        (1.1, "state active"),
        (1.6, "state active"),
    ):
        progress.show(seconds, words)
    progress.end()
    assert out.getvalue() == "\n  0.1 s of 60 s: state inactive\n  1.1 s of 60 s: state active\n"


def test_nothing_is_written_when_nothing_was_shown() -> None:
    terminal, out = Terminal(), io.StringIO()
    Progress(1.0, terminal).end()
    Progress(1.0, out).end()
    assert terminal.shown == []
    assert out.getvalue() == ""


def test_closed_console_does_no_harm() -> None:
    out = io.StringIO()
    out.close()

    class Closed:
        def isatty(self) -> bool:
            return False

        def write(self, text: str) -> int:
            return out.write(text)

        def flush(self) -> None:
            out.flush()

    progress = Progress(1.0, Closed())  # type: ignore[arg-type]
    progress.show(0.1, "state active")
    progress.show(0.2, "state inactive")
