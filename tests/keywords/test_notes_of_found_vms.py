"""What a run notes of a VM before it changes it, so that a later run can put the VM back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from OcciLibrary.keywords.left_as_found import Found, Note

FOUND = Found(
    "http://h/compute/5", "inactive", {"occi.compute.cores": 2, "occi.core.title": "Über"}, 5.0, "start", 7.5
)


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Note:
    monkeypatch.setenv("OCCI_NOTES", str(tmp_path / "notes" / "deep"))
    return Note("http://h/", "5")


def test_note_is_read_back_and_forgotten(note: Note) -> None:
    assert note.read() == (None, "")
    note.write(FOUND)
    note.write(FOUND)
    assert Note("http://h/", "5").read() == (FOUND, "")
    assert Note("http://h/", "6").read() == (None, "")
    assert [path.name for path in note.path.parent.iterdir()] == [note.path.name]
    note.forget()
    note.forget()
    assert note.read() == (None, "")


def test_half_written_note_leaves_the_old_one_and_goes_with_it(note: Note) -> None:
    note.write(FOUND)
    broken = Found("http://h/compute/5", "active", {"occi.compute.cores": object()})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        note.write(broken)
    note.path.with_suffix(".4711.tmp").write_text('{"vm":')  # of a run that was killed while it wrote
    assert note.read() == (FOUND, "")
    note.forget()
    assert list(note.path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [
        b'{"vm": "http://h/5", "sta',
        b"[]",
        b"5",
        b"\xff\xfe",
        b'{"vm": 5, "state": "active"}',
        b'{"vm": "", "state": "active"}',
        b'{"vm": "x", "state": null}',
        b'{"vm": "x", "state": "active", "attributes": []}',
        b'{"vm": "x", "state": "active", "pending_since": "now"}',
        b'{"vm": "x"}',
        b"[" * 100_000,
    ],
)
def test_broken_note_is_told_in_one_sentence(note: Note, content: bytes) -> None:
    note.path.parent.mkdir(parents=True)
    note.path.write_bytes(content)
    found, problem = note.read()
    assert found is None
    assert problem.startswith(
        f"An earlier run did not put the VM back, and what it wrote down in {note.path} cannot be read"
    )


def test_note_that_could_only_be_emptied_is_none(note: Note) -> None:
    note.path.parent.mkdir(parents=True)
    note.path.write_bytes(b"")
    assert note.read() == (None, "")


def test_note_of_a_later_version_still_says_what_this_one_knows(note: Note) -> None:
    note.path.parent.mkdir(parents=True)
    note.path.write_bytes(b'{"vm": "x", "state": "active", "attributes": {"a": 1}, "moon": "full"}')
    found, problem = note.read()
    assert found is not None
    assert (found.vm, found.state, found.attributes, found.pending, problem) == (
        "x",
        "active",
        {"a": 1},
        "",
        "",
    )


def test_note_that_cannot_be_written_is_an_os_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OCCI_NOTES", str(tmp_path / "file"))
    with pytest.raises(OSError, match="file"):
        Note("http://h/", "5").write(FOUND)


def test_usual_place_of_the_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OCCI_NOTES", raising=False)
    assert Note("http://h/", "5").path.parent == Path(os.path.expanduser("~")) / ".occilibrary"


def test_note_holds_what_was_added(note: Note) -> None:
    note.write(Found("http://h/compute/5", "inactive", added=["occi.compute.cores"]))
    assert note.read()[0].added == ["occi.compute.cores"]  # type: ignore[union-attr]
    note.path.write_text('{"vm": "http://h/compute/5", "state": "inactive", "added": [1]}', "utf-8")
    assert note.read()[0] is None
    note.path.write_text(
        '{"vm": "http://h/compute/5", "state": "inactive"}', "utf-8"
    )  # of an earlier version
    assert note.read()[0].added == []  # type: ignore[union-attr]
