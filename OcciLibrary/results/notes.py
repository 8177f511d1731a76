"""Notes that people put on cells of the matrix: `notes.toml` in the folder of results.

[[note]]
site = "Alpha"
step = "4.4"
text = "Known: their restart is a stop and a start."
bug = "https://bugs.example.org/42"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tomlkit
from tomlkit.exceptions import TOMLKitError

NAME = "notes.toml"
LONGEST_TEXT = 2000
_LONGEST_NAME = 200
_LARGEST = 2_000_000
_HEAD = re.compile(r"^\s*\[\[\s*note\s*\]\]", re.MULTILINE)
_FIELDS = ("site", "step", "text", "bug")
_UNSAFE = re.compile(r"[\s<>\"'`\\^{}|\[\]\x00-\x20\x7f-\x9f]")


class NotesError(Exception):
    """Says in one sentence for each slip what is wrong in the notes, with its line."""


@dataclass(frozen=True, slots=True)
class Note:
    """Holds a note on one step of one site; `bug` is a URL or ''."""

    site: str
    step: str
    text: str
    bug: str = ""


def read_notes(path: Path) -> tuple[Note, ...]:
    """Returns the notes of a file, none when there is no file. Raises `NotesError`."""
    text = _text_of(path)
    try:
        data = tomlkit.parse(text).unwrap()
    except TOMLKitError as problem:
        raise NotesError(f"{path.name} cannot be read: {str(problem).rstrip('.')}.") from None
    entries = data.pop("note", [])
    problems = [f"'{name}' is not known here; a note begins with [[note]]" for name in data]
    if not isinstance(entries, list):
        problems, entries = [*problems, "a note begins with [[note]], in two pairs of brackets"], []
    lines = [text.count("\n", 0, found.end()) + 1 for found in _HEAD.finditer(text)]
    for index, entry in enumerate(entries):
        where = f"the note in line {lines[index]}" if index < len(lines) else f"note {index + 1}"
        problems += [f"{where}: {problem}" for problem in _problems(entry)]
    if problems:
        raise NotesError(f"{path.name}: {'; '.join(problems)}.")
    return tuple(Note(**{name: entry.get(name, "").strip() for name in _FIELDS}) for entry in entries)


def add_note(path: Path, note: Note) -> None:
    """Adds a note at the end of the file; all else in it stays as people wrote it. Raises `NotesError` and `OSError`."""
    read_notes(path)
    if problems := _problems({name: getattr(note, name) for name in _FIELDS if getattr(note, name)}):
        raise NotesError(f"The note is not added: {'; '.join(problems)}.")
    table = tomlkit.table()
    for name in _FIELDS:
        if value := getattr(note, name):
            table.add(name, value)
    notes = tomlkit.aot()
    notes.append(table)
    document = tomlkit.document()
    document.add("note", notes)
    before = _text_of(path)
    gap = "\n" if before.endswith("\n") else "\n\n" if before else ""
    new = path.with_name(path.name + ".new")
    new.write_text(before + gap + tomlkit.dumps(document), "utf-8")
    read_notes(new)
    new.replace(path)


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise NotesError(f"{path.name} is larger than {_LARGEST // 1_000_000} MB.")
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise NotesError(f"{path.name} is not in UTF-8.") from None


def _problems(entry: Any) -> list[str]:
    """Returns what is wrong with a note as it was read."""
    if not isinstance(entry, dict):
        return ["it is not a table"]
    problems = [
        f"'{name}' is not known; known are {', '.join(_FIELDS)}" for name in entry if name not in _FIELDS
    ]
    problems += [
        f"'{name}' is not text in quotes" for name in _FIELDS if not isinstance(entry.get(name, ""), str)
    ]
    if problems:
        return problems
    problems += [
        f"'{name}' is missing" for name in ("site", "step", "text") if not entry.get(name, "").strip()
    ]
    longest = {"text": LONGEST_TEXT, "bug": LONGEST_TEXT}
    problems += [
        f"'{name}' is longer than {longest.get(name, _LONGEST_NAME)} characters"
        for name in _FIELDS
        if len(entry.get(name, "")) > longest.get(name, _LONGEST_NAME)
    ]
    bug = entry.get("bug", "").strip()
    return (
        [*problems, f"the bug '{bug[:100]}' is no web address: it begins with https:// or http://"]
        if bug and not is_web_address(bug)
        else problems
    )


def is_web_address(text: str) -> bool:
    """Tells whether a text is an http or https URL with a host, and nothing that could end a link early."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not _UNSAFE.search(text)
    except ValueError:
        return False
