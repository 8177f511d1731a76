"""How many runs go on: in place on a terminal, a line for each thing that happens elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING, TextIO

from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.results.site_process import End, SiteProcess

if TYPE_CHECKING:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table
    from typing_extensions import Self

_HEARTBEAT = 60.0
_SIGNS = {
    End.PASSED: ("✓", "ok "),
    End.FAILED: ("✗", "NO "),
    End.CANNOT_TELL: ("?", "?  "),
    End.CUT_OFF: ("!", "!  "),
    End.CRASHED: ("!", "!  "),
    End.NOT_BEGUN: ("-", "-  "),
}
_TOLD_AT_ONCE = ("fail", "cannot tell")
_ORDER = ("pass", "pass with remark", "fail", "cannot tell", "not run")


def can_write(stream: IO[str], text: str) -> bool:
    """Tells whether a stream's encoding has all of a text's characters."""
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeError, LookupError):
        return False
    return True


def sign(end: End, stream: IO[str]) -> str:
    """Returns the sign of an end, in letters where the stream has no other."""
    pretty, plain = _SIGNS[end]
    return pretty if can_write(stream, pretty) else plain.strip()


def told(site: SiteProcess) -> str:
    """Returns what became of a site, in one line."""
    counts = site.progress.verdicts
    known = [f"{counts[word]} {word}" for word in _ORDER if counts[word]]
    known += [f"{number} {word}" for word, number in counts.items() if word not in _ORDER]
    left = site.progress.tests - site.progress.done
    known += [f"{left} not done"] if left > 0 else []
    assert site.end is not None
    why = f": {site.words}" if site.words else ""
    steps = f" ({', '.join(known)}; {_time(site.seconds)})" if known else ""
    return _shown(f"{site.name}: {site.end.value}{why}{steps}")


def _where(site: SiteProcess) -> str:
    progress = site.progress
    if not progress.begun:
        return "starting"
    doing = "putting the VM back" if site.ending else progress.step
    return f"{progress.done} of {progress.tests}, {doing}"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def _shown(text: str) -> str:
    return harmless(masked(text))


class LinesShown:
    """Tells each beginning, each step that failed and each end in a line, and now and then what goes on."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._begun: set[str] = set()
        self._ended: set[str] = set()
        self._steps: dict[str, int] = {}
        self._spoke = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leaves what was written."""

    def __call__(self, sites: Sequence[SiteProcess]) -> None:
        for site in sites:
            self._tell(site)
        if time.monotonic() - self._spoke > _HEARTBEAT:
            running = [f"{site.name} ({_where(site)})" for site in sites if site.running]
            waiting = sum(site.end is None and not site.running for site in sites)
            self._say(f"{len(running)} run: {', '.join(running)}; {waiting} wait")

    def _tell(self, site: SiteProcess) -> None:
        if site.began and site.name not in self._begun:
            self._begun.add(site.name)
            self._say(f"{site.name}: begun")
        for step, verdict in site.progress.not_passed[self._steps.get(site.name, 0) :]:
            if verdict in _TOLD_AT_ONCE:
                self._say(f"{site.name}: {verdict}: {step}")
        self._steps[site.name] = len(site.progress.not_passed)
        if site.end is not None and site.name not in self._ended:
            self._ended.add(site.name)
            self._say(f"{sign(site.end, self._stream)} {told(site)}")

    def _say(self, words: str) -> None:
        self._spoke = time.monotonic()
        with contextlib.suppress(OSError, ValueError):  # nobody listens any more: the runs go on
            self._stream.write(f"{datetime.now().astimezone():%H:%M:%S}  {_shown(words)}\n")
            self._stream.flush()


class LiveShown:
    """Shows a table of what runs, and above it a line for each site that is done."""

    def __init__(self, console: Console) -> None:
        from rich.live import Live  # noqa: PLC0415

        self._console = console
        self._live: Live = Live(console=console, auto_refresh=False, transient=True)
        self._ended: set[str] = set()
        self._drawn = 0.0

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Takes the table away; the lines above it stay."""
        self._live.stop()

    def __call__(self, sites: Sequence[SiteProcess]) -> None:
        from rich.text import Text  # noqa: PLC0415

        for site in sites:
            if site.end is not None and site.name not in self._ended:
                self._ended.add(site.name)
                colour = "green" if site.end is End.PASSED else "red" if site.end is End.FAILED else "yellow"
                words = f"{sign(site.end, self._console.file)} {told(site)}"
                self._live.console.print(Text(words, style=colour))
        if time.monotonic() - self._drawn > 0.25 or all(site.end is not None for site in sites):
            self._drawn = time.monotonic()
            self._live.update(self._table(sites), refresh=True)

    def _table(self, sites: Sequence[SiteProcess]) -> Table:
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        running = [site for site in sites if site.running]
        waiting = sum(site.end is None and not site.running for site in sites)
        table = Table.grid(padding=(0, 2))
        for site in running:
            counts = site.progress.verdicts
            bad = ", ".join(f"{counts[word]} {word}" for word in _TOLD_AT_ONCE if counts[word])
            cells = (site.name, _time(site.seconds), _where(site), bad)
            table.add_row(*(Text(_shown(cell), overflow="ellipsis", no_wrap=True) for cell in cells))
        if waiting:
            table.add_row(Text(f"{waiting} wait", style="dim"))
        return table


def shown_on(stream: TextIO) -> LinesShown | LiveShown:
    """Returns what shows the runs on a stream: in place where it is a terminal, in lines elsewhere."""
    if not stream.isatty():
        return LinesShown(stream)
    from rich.console import Console  # noqa: PLC0415

    return LiveShown(Console(file=stream, highlight=False))


def show_end(sites: Sequence[SiteProcess], stream: TextIO = sys.stdout) -> None:
    """Writes how many sites came to what."""
    counts = [(end, sum(site.end is end for site in sites)) for end in End]
    stream.write(", ".join(f"{number} {end.value}" for end, number in counts if number) + "\n")
