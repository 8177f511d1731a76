"""How a machine's process hears the sandbox and answers it: JSON lines on its standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any


def say(answer: dict[str, Any]) -> None:
    """Writes one JSON line for the sandbox."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def listen(lines: Iterator[bytes], hear: Callable[[bytes | None], object]) -> None:
    """Hands every line to the running loop as it comes, and None when the input ends."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: shut down already
            for line in lines:
                loop.call_soon_threadsafe(hear, line)
            loop.call_soon_threadsafe(hear, None)

    threading.Thread(target=read, daemon=True).start()
