"""Canaries, and where they sang: looks for secrets in what a run wrote, with means of its own."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
import zlib
from pathlib import Path
from urllib.parse import quote, quote_plus

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def shapes(canary: str) -> set[str]:
    """What gives a canary away: itself and all that may be made of it."""
    raw = canary.encode()
    found = {canary, canary[:-1], canary[1:], raw.hex(), raw.hex().upper(), raw[::-1].decode(errors="ignore")}
    found |= {quote(canary), quote(canary, safe=""), quote_plus(canary), quote(canary, safe="").lower()}
    found |= {
        html.escape(canary),
        html.escape(canary, quote=False),
        repr(canary)[1:-1],
        json.dumps(canary)[1:-1],
    }
    for before in range(3):
        whole = base64.b64encode(b"x" * before + raw + b"xyz").decode()
        core = whole[4 if before else 0 : (before + len(raw)) // 3 * 4]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    assert all(len(shape) >= 8 for shape in found), (
        f"the canary {canary!r} is too short to be told from chance"
    )
    return found


def texts_of(path: Path) -> list[str]:
    """A file's text; of log.html and report.html also what they hold compressed."""
    text = path.read_bytes().decode("utf-8", "replace")
    if path.suffix != ".html":
        return [text]
    unpacked = [_unpacked(found[1]) for found in _STRING.finditer(text)]
    return [text, "\n".join(unpacked)]


def _unpacked(string: str) -> str:
    if string.startswith("*"):
        return string.replace("\\/", "/").replace('\\"', '"')
    try:
        return zlib.decompress(base64.b64decode(string, validate=True)).decode("utf-8", "replace")
    except (ValueError, zlib.error):
        return ""


def sang(canaries: dict[str, str], folder: Path, **texts: str) -> list[str]:
    """Where canaries are found: in any file below a folder, and in texts such as `console`; empty when nowhere."""
    places = {str(path.relative_to(folder)): texts_of(path) for path in folder.rglob("*") if path.is_file()}
    places |= {name: [text] for name, text in texts.items()}
    return [
        f"{name} in {place}: …{text[max(0, text.find(shape) - 60) : text.find(shape) + 60]}…"
        for place, versions in sorted(places.items())
        for text in versions
        for name, canary in canaries.items()
        for shape in shapes(canary)
        if shape in text
    ]


class ProcessList:
    """Reads the command lines of all processes again and again, in another thread, until it is closed."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
                except OSError:
                    continue
