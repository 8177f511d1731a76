"""Writes what came from a network so that it can stand in a sentence."""

from __future__ import annotations


def escaped(text: str, limit: int = 120) -> str:
    """Escapes unprintable characters, and shortens to ``limit`` characters of the text."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text[:limit]
    )
    return shown if len(text) <= limit else f"{shown}..."


def quoted(text: str | bytes, limit: int = 120) -> str:
    """Puts text into quotes, escaped and shortened; the length is told when it was shortened."""
    size = f"{len(text)} {'bytes' if isinstance(text, bytes) else 'characters'}"
    if isinstance(text, bytes):
        text = text[: limit * 4].decode("utf-8", "backslashreplace")
    shown = f"'{escaped(text, limit)}'"
    return shown if len(text) <= limit else f"{shown} ({size})"
