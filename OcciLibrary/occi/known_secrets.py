"""What must not be shown: each secret of a run is learnt here once, and every text for a log is cleaned of all of them.

Whoever gets hold of a secret teaches it: the logins their passwords and tokens, the transport the tokens in answers, the
keywords every `Secret` among Robot Framework's variables. Whoever writes asks `masked`. Source: design §7.

A text is compared with the secret and with what base64, URLs, JSON, HTML, XML and Python make of it, also where the secret is
in the midst of something longer. Three bounds keep logs readable:

- A secret of fewer than 4 characters is not looked for.
- A secret that is a word which logs are made of (`active`, `sandbox`, `test`; `secret_forms.is_common`) is masked where a
  password, token or the like is named before it, and in base64; `active` stays a state.
- The last 256 values that `learn` was given with `passing=True` are kept, and the last 1024 others. Of the passing ones
  no base64 is looked for.
"""

from __future__ import annotations

import re
import string
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from OcciLibrary.occi.secret_forms import SHORTEST, base64_cores, forms, is_common

MARK = "<secret>"
_LASTING, _PASSING = 1024, 256
_LONGEST = 64 * 1024
_WHOLE = 32  # of a longer text the beginning, the middle and the end are looked for, for logs cut long texts
_PIECE = 16
_TELLING = 48  # so much of a longer text gives it away wherever it stands
_SHORTEST_LINE = 16
_SHORTEST_PART = 8
_URL_SPLITS = re.compile(r"[/?#@]")
_PEM = "-----"
_CUTS = 200
_CUT_MARKS = ("...", "…")
_CUT = re.compile(r"\.\.\.|…")
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/=_-")
_NAMED = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|authorization|bearer)"


@dataclass(frozen=True, slots=True)
class _Needle:
    """A piece of text to look for: it stands at `offset` of `form`; a part of base64 gives away all around it."""

    text: str
    form: str
    offset: int
    in_base64: bool = False

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yields where in a text (begin, end) the form, or as much of it as is there, stands."""
        at = text.find(self.text)
        while at >= 0:
            begin, end = self._widened(text, at)
            if end - begin >= min(len(self.form), _TELLING) or _is_cut(text, begin, end):
                yield begin, end
            at = text.find(self.text, end)

    def _widened(self, text: str, begin: int) -> tuple[int, int]:
        end = begin + len(self.text)
        behind = self.form[self.offset + len(self.text) :]
        end += _common(text[end : end + len(behind)], behind)
        ahead = self.form[: self.offset][::-1]
        begin -= _common(text[max(0, begin - len(ahead)) : begin][::-1], ahead)
        if self.in_base64:
            while end < len(text) and text[end] in _BASE64:
                end += 1
            while begin > 0 and text[begin - 1] in _BASE64:
                begin -= 1
        return begin, end


def _is_cut(text: str, begin: int, end: int) -> bool:
    """Tells whether a piece stands where a log has cut a text; else it may be what many texts begin with."""
    return text.startswith(_CUT_MARKS, end) or text.endswith(_CUT_MARKS, 0, begin)


def _common(one: str, other: str) -> int:
    """Returns how many characters two texts begin with alike."""
    if one == other:
        return len(one)
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class KnownSecrets:
    """Holds the secrets of one process; all methods may be called from any thread, and raise nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lasting: OrderedDict[str, tuple[_Needle, ...]] = OrderedDict()
        self._passing: OrderedDict[str, tuple[_Needle, ...]] = OrderedDict()
        self._needles: tuple[_Needle, ...] | None = ()
        self._words: re.Pattern[str] | None = None
        self._common: set[str] = set()

    def learn(self, value: str, passing: bool = False) -> None:
        """Remembers a secret; of a text of several lines (a key file) each line that is long enough too.

        `passing` is for values that sites hand out by the dozen, such as cookies. A value of fewer than 4 characters is
        left out.
        """
        for part in _parts(str(value)):
            self._learn(part, self._passing if passing else self._lasting, _PASSING if passing else _LASTING)

    def _learn(self, secret: str, shelf: OrderedDict[str, tuple[_Needle, ...]], most: int) -> None:
        with self._lock:
            if secret in shelf:
                shelf.move_to_end(secret)
                return
        needles = tuple(_needles(secret, encoded=shelf is self._lasting))
        with self._lock:
            shelf[secret] = needles
            if len(shelf) > most:
                shelf.popitem(last=False)
            if is_common(secret):
                self._common.add(secret)
                self._words = _named_words(self._common)
            self._needles = None

    def masked(self, text: str, mark: str = MARK) -> str:
        """Returns a text with `mark` in the place of every known secret."""
        try:
            return self._masked(text, mark)
        except Exception:  # whatever happens here, the text must not get out
            return mark

    def _masked(self, text: str, mark: str) -> str:
        needles = self._needles
        if needles is None:
            needles = self._gathered()
        spans = [span for needle in needles if needle.text in text for span in needle.spans(text)]
        if self._words is not None:
            spans += [found.span(found.lastindex or 0) for found in self._words.finditer(text)]
        if "..." in text or "…" in text:
            spans += _cut_off(text, needles)
        return _replaced(text, spans, mark) if spans else text

    def knows(self, value: str) -> bool:
        """Tells whether a value is among the secrets."""
        return value in self._lasting or value in self._passing

    def _gathered(self) -> tuple[_Needle, ...]:
        with self._lock:
            shelves = (*self._lasting.values(), *self._passing.values())
            self._needles = tuple(needle for needles in shelves for needle in needles)
            return self._needles


def _parts(value: str) -> Iterator[str]:
    """Yields what is to be learnt of a value: the marks of a PEM file are no secret, what URLs split it into is one."""
    value = value.strip()[:_LONGEST]
    if len(value) >= SHORTEST and not value.startswith(_PEM):
        yield value
    if "\n" in value:
        lines = [line.strip() for line in value.splitlines()]
        yield from (line for line in lines if len(line) >= _SHORTEST_LINE and not line.startswith(_PEM))
    elif "://" not in value:
        yield from (part for part in _URL_SPLITS.split(value) if _SHORTEST_PART <= len(part) < len(value))


def _needles(secret: str, encoded: bool) -> Iterator[_Needle]:
    if not is_common(secret):
        for form in dict.fromkeys(forms(secret, encoded)):
            yield from _pieces(form)
    for core in dict.fromkeys(base64_cores(secret)) if encoded else ():
        yield from _pieces(core, in_base64=True)


def _pieces(form: str, in_base64: bool = False) -> Iterator[_Needle]:
    if len(form) <= _WHOLE:
        if len(form) >= SHORTEST:
            yield _Needle(form, form, 0, in_base64)
        return
    for offset in (0, (len(form) - _PIECE) // 2, len(form) - _PIECE):
        yield _Needle(form[offset : offset + _PIECE], form, offset, in_base64)


def _named_words(words: set[str]) -> re.Pattern[str]:
    """Returns what finds a common word after the name of a secret: `password=active`, `'token': 'test'`, `user:test@`."""
    either = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    named = rf"(?i:{_NAMED})\w*\}}?[\"'&;a-z]*\s*[:=]+\s*(?:&quot;|&#39;|[\"'])?({either})(?!\w)"
    return re.compile(rf"{named}|(?<=:)({either})(?=@)")


def _cut_off(text: str, needles: tuple[_Needle, ...]) -> Iterator[tuple[int, int]]:
    """Yields the beginnings and ends of secrets that stand where a log has cut a text: `cana...`."""
    forms_of_all = {needle.form for needle in needles}
    for cut in islice(_CUT.finditer(text), _CUTS):
        begin, end = cut.span()
        before, behind = text[max(0, begin - _WHOLE) : begin], text[end : end + _WHOLE]
        for form in forms_of_all:
            if form[:SHORTEST] in before and (length := _kept(form, before.endswith, first=True)):
                yield begin - length, begin
            if form[-SHORTEST:] in behind and (length := _kept(form, behind.startswith, first=False)):
                yield end, end + length


def _kept(form: str, stands: Callable[[str], bool], first: bool) -> int:
    """Returns how many characters at the beginning (or the end) of a form stand at a cut; 0 when too few do."""
    for length in range(min(len(form) - 1, _WHOLE), SHORTEST - 1, -1):
        if stands(form[:length] if first else form[-length:]):
            return length
    return 0


def _replaced(text: str, spans: list[tuple[int, int]], mark: str) -> str:
    parts: list[str] = []
    done = 0
    for begin, end in sorted(spans):
        if begin >= done:
            parts += [text[done:begin], mark]
        done = max(done, end)
    return "".join((*parts, text[done:]))


_KNOWN = KnownSecrets()
learn = _KNOWN.learn
masked = _KNOWN.masked
knows = _KNOWN.knows
