"""Reads output.xml piece by piece: quick, in bounded memory, and as far as it goes when a run was cut off.

What a mailed file could do to a reader is refused: document types (and with them entities), pieces without end, floods of tests.
Source: Robot Framework's schema of results, version 5 (doc/schema/result.xsd).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from OcciLibrary.results.output_tree import (
    DEEPEST,
    INTRODUCTION,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ITEMS,
    MOST_OF_A_KIND,
    PREPARE,
    Output,
    Suite,
    Test,
    UnreadableError,
    file_name,
)

LARGEST_FILE = 256_000_000
_PIECE = 65_536
_LARGEST_TOKEN = 4_000_000
_DEEPEST_NESTING = 2_000
_CUT_OFF = (
    expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS],
    expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_PARTIAL_CHAR],
)
_MISMATCH = expat.errors.codes[expat.errors.XML_ERROR_TAG_MISMATCH]
# So ends what a second Ctrl-C leaves: the suites and keywords that were going on are not closed, but the file is.
_CLOSED_EARLY = re.compile(rb"</errors>\s*(</robot>\s*)\Z")
_END = 64
# What is read of each element; all else is passed over, and keywords with it.
_INSIDE = {
    "": {"robot"},
    "robot": {"suite"},
    "suite": {"suite", "test", "meta", "status", "kw"},
    "test": {"doc", "meta", "tag", "status"},
    "kw": {"msg"},
}
_TEXTS = frozenset({"doc", "meta", "tag", "status", "msg"})


def read_xml(path: Path) -> Output:
    """Returns what an output.xml holds. Raises `UnreadableError`, and `OSError`."""
    reader = _Reader()
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise UnreadableError(
            f"it is too large ({size // 1_000_000} MB; {LARGEST_FILE // 1_000_000} MB are read)"
        )
    with path.open("rb") as file:
        read = 0
        while piece := file.read(_PIECE):
            read += len(piece)
            reader.feed(piece, read)
    return reader.end()


class _Reader:
    """Builds the tree from the parser's calls; `_stack` names the elements around, `_passing` counts those passed over."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.buffer_size = _PIECE
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._stack: list[str] = [""]
        self._passing = 0
        self._generator = ""
        self._root: Suite | None = None
        self._suites: list[Suite] = []
        self._test: Test | None = None
        self._items = 0
        self._attributes: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0
        self._last = b""
        self._closed_early = False

    def feed(self, piece: bytes, read: int) -> None:
        """Takes the next piece of the file; `read` is how much of it has been read."""
        self._last = (self._last + piece)[-_END:]
        try:
            self._parser.Parse(piece, False)
        except expat.ExpatError as problem:
            self._closed_early = problem.code == _MISMATCH and self._fails_at_its_last_tag(read)
            if self._closed_early:
                return
            raise UnreadableError(
                f"it is not well-formed XML (line {problem.lineno}): {expat.ErrorString(problem.code)}"
            ) from None
        if read - self._parser.CurrentByteIndex > _LARGEST_TOKEN:
            raise UnreadableError("one piece of it is larger than any that Robot Framework writes")

    def _fails_at_its_last_tag(self, read: int) -> bool:
        closed = _CLOSED_EARLY.search(self._last)
        return closed is not None and self._parser.ErrorByteIndex >= read - len(closed[1])

    def end(self) -> Output:
        """Returns the tree; of a file that was cut off, what is there."""
        complete = not self._closed_early
        try:
            if complete:
                self._parser.Parse(b"", True)
        except expat.ExpatError as problem:
            if problem.code not in _CUT_OFF:
                raise UnreadableError(f"it is not well-formed XML (line {problem.lineno})") from None
            complete = False
        if self._root is None:
            raise UnreadableError("it ends before anything was run" if self._generator else "it is empty")
        return Output(self._generator, self._root, complete)

    # ---- the parser's calls

    def _doctype(self, *_: object) -> None:
        raise UnreadableError("it has a document type, which Robot Framework does not write")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._passing or name not in _INSIDE.get(self._stack[-1], ()):
            if len(self._stack) == 1:
                raise UnreadableError(f"it is no output of Robot Framework, but a file of <{name[:40]}>")
            self._pass_over()
            return
        if name == "kw" and not (attributes.get("name") == PREPARE and attributes.get("type") == "SETUP"):
            self._pass_over()
            return
        self._stack.append(name)
        if name in _TEXTS:
            self._attributes, self._text, self._length = attributes, [], 0
            self._parser.CharacterDataHandler = self._characters
        elif name in _OPENED:
            _OPENED[name](self, attributes)

    def _pass_over(self) -> None:
        self._passing += 1
        if self._passing > _DEEPEST_NESTING:
            raise UnreadableError("its elements are nested deeper than any that Robot Framework writes")

    def _characters(self, text: str) -> None:
        if self._length < LONGEST_TEXT:
            self._text.append(text[: LONGEST_TEXT - self._length])
            self._length += len(text)

    def _end(self, name: str) -> None:
        if self._passing:
            self._passing -= 1
            return
        self._stack.pop()
        if name in _TEXTS:
            self._parser.CharacterDataHandler = None
            self._take(name, "".join(self._text))
        elif name == "test":
            self._test = None
        elif name == "suite":
            self._suites.pop().ended = True

    # ---- what is kept

    def _open_robot(self, attributes: dict[str, str]) -> None:
        self._generator = attributes.get("generator", "")[:LONGEST_NAME]
        if not self._generator.startswith(("Robot ", "Rebot ")):
            raise UnreadableError("it does not say that Robot Framework wrote it")

    def _open_suite(self, attributes: dict[str, str]) -> None:
        self._count()
        source = file_name(attributes.get("source", ""))
        suite = Suite(attributes.get("name", "")[:LONGEST_NAME], source)
        if self._suites:
            self._suites[-1].suites.append(suite)
        elif self._root is None:
            self._root = suite
        self._suites.append(suite)
        if len(self._suites) > DEEPEST:
            raise UnreadableError(f"it has suites in more than {DEEPEST} others")

    def _open_test(self, attributes: dict[str, str]) -> None:
        self._count()
        self._test = Test(attributes.get("id", "")[:LONGEST_NAME], attributes.get("name", "")[:LONGEST_NAME])
        self._suites[-1].tests.append(self._test)

    def _count(self) -> None:
        self._items += 1
        if self._items > MOST_ITEMS:
            raise UnreadableError(f"it has more than {MOST_ITEMS} tests")

    def _take(self, name: str, text: str) -> None:
        item = self._test or self._suites[-1]
        if name == "meta":
            if len(item.metadata) < MOST_OF_A_KIND:
                item.metadata[self._attributes.get("name", "")[:LONGEST_NAME]] = text
        elif name == "status":
            item.start = self._attributes.get("start", "")[:LONGEST_NAME]
            item.elapsed = self._attributes.get("elapsed", "")[:LONGEST_NAME]
            if isinstance(item, Test):
                item.status, item.message = self._attributes.get("status", ""), text
        elif isinstance(item, Test):
            if name == "doc":
                item.doc = text
            elif len(item.tags) < MOST_OF_A_KIND:
                item.tags.append(text[:LONGEST_NAME])
        elif name == "msg" and text.startswith(INTRODUCTION):
            item.introduction = text


_OPENED: dict[str, Callable[[_Reader, dict[str, str]], None]] = {
    "robot": _Reader._open_robot,
    "suite": _Reader._open_suite,
    "test": _Reader._open_test,
}
