"""Drives a headless Chromium over a pipe (the DevTools protocol): loads pages, presses keys, listens to console and network."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
_PATIENCE = 30.0
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)


class Browser:
    """Holds one page; what it asked for and complained about since it was opened is in `requests` and `complaints`."""

    def __init__(self, folder: Path) -> None:
        read_by_it, self._to = os.pipe()
        self._from, written_by_it = os.pipe()
        # Chromium reads commands from file descriptor 3 and writes answers to 4; sh may know no descriptors above 9.
        handed_over = f'exec "$0" "$@" 3<&{read_by_it} 4>&{written_by_it}'
        self._process = subprocess.Popen(
            [
                "bash",
                "-c",
                handed_over,
                CHROMIUM,
                *_OPTIONS,
                f"--user-data-dir={folder / 'profile'}",
                "about:blank",
            ],
            pass_fds=(read_by_it, written_by_it),
            env={**os.environ, "HOME": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_by_it)
        os.close(written_by_it)
        self._rest = b""
        self._id = 0
        self._session = ""
        self._loaded = False
        self.requests: list[str] = []
        self.complaints: list[str] = []
        targets = self.command("Target.getTargets")["targetInfos"]
        target = next(one["targetId"] for one in targets if one["type"] == "page")
        self._session = self.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(f"{domain}.enable")

    def open(self, page: Path, fragment: str = "") -> None:
        """Loads a page from its file and waits until it is there."""
        self.open_address(page.as_uri() + fragment)

    def open_address(self, address: str) -> None:
        """Loads a page and waits until it is there."""
        self.requests.clear()
        self.complaints.clear()
        self._loaded = False
        # By way of an empty page: another fragment of the same page would load nothing.
        self.command("Page.navigate", url="about:blank")
        self._wait_for_load()
        self._loaded = False
        self.command("Page.navigate", url=address)
        self._wait_for_load()

    def run(self, script: str) -> Any:
        """Returns the value of an expression in the page."""
        answer = self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Presses a key where the focus is."""
        told = {"key": key, "windowsVirtualKeyCode": code, **({"text": text} if text else {})}
        self.command("Input.dispatchKeyEvent", type="keyDown", **told)
        self.command("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, words: str) -> None:
        """Types a text where the focus is."""
        for letter in words:
            self.press(letter, ord(letter.upper()), letter)

    def show_as(self, width: int, height: int = 900, scheme: str = "light", media: str = "screen") -> None:
        """Sets the size of the window, and whether the reader prefers dark pages."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.command(
            "Emulation.setEmulatedMedia",
            media=media,
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

    def picture(self, path: Path) -> None:
        """Takes a picture of the whole page."""
        shot = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def close(self) -> None:
        """Ends the browser."""
        self._session = ""
        try:
            self.command("Browser.close")
        except (OSError, AssertionError):
            self._process.kill()
        self._process.wait(20)
        os.close(self._to)
        os.close(self._from)

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Sends a command and returns what came of it; events that come before are noted."""
        self._id += 1
        told: dict[str, Any] = {"id": self._id, "method": method, "params": parameters}
        if self._session:
            told["sessionId"] = self._session
        os.write(self._to, json.dumps(told).encode() + b"\0")
        while (answer := self._next()).get("id") != self._id:
            self._note(answer)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _wait_for_load(self) -> None:
        while not self._loaded:
            self._note(self._next())

    def _next(self) -> dict[str, Any]:
        deadline = time.monotonic() + _PATIENCE
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))
            piece = os.read(self._from, 1 << 16) if ready else b""
            assert piece, "The browser says nothing any more."
            self._rest += piece
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message

    def _note(self, event: dict[str, Any]) -> None:
        method, told = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(told["request"]["url"])
        elif method in ("Runtime.exceptionThrown", "Log.entryAdded"):
            self.complaints.append(json.dumps(told))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(told["args"]))
