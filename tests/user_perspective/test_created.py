"""What a run created is deleted, by this run or the next one, and nothing else ever is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.keywords.created import IMAGE, VM, Created, Remover, new_name, read_created
from OcciLibrary.keywords.left_as_found import Found, Note, still_created
from OcciLibrary.occi.client import OcciClient
from tests.occi.scripted_site import COMPUTE, ScriptedSite, answer, kind, listing, scripted

NAME = "occilibrary0123456789ab"
LONG_AGO = time.time() - 3600
OS_TPL = "http://schemas.ogf.org/occi/infrastructure#os_tpl"
TEMPLATE = 'scheme="http://occi.example.org/os_tpl#"; class="mixin"; rel="' + OS_TPL + '"'


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with scripted() as started:
        started.on("/-/", kind("/compute/"))
        started.on("GET /compute/", listing())
        yield started


def remover(site: ScriptedSite) -> Remover:
    return Remover(OcciClient(site.url, patience=0.0, timeout=2.0), 0.2, lambda words: None)


def entity(title: str) -> bytes:
    return answer(200, f'Category: {COMPUTE}\nX-OCCI-Attribute: occi.core.title="{title}"\n')


def discovery(*templates: str) -> bytes:
    lines = [f'Category: {COMPUTE}; location="/compute/"']
    lines += [
        f'Category: {term}; {TEMPLATE}; title="{title}"'
        for term, _, title in (t.partition("=") for t in templates)
    ]
    return answer(200, "\n".join(lines) + "\n")


def test_note_keeps_what_was_created(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCCI_NOTES", str(tmp_path))
    note = Note("http://site.example.org/", "5")
    created = [Created(VM, NAME, "http://site.example.org/compute/7", True), Created(IMAGE, NAME)]
    note.write(Found("http://site.example.org/compute/5", "active", created=created))
    found, problem = note.read()
    assert problem == ""
    assert found is not None
    assert found.created == created


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["what", "name", "url"]), inner, max_size=3)
        ),
    )
)
def test_note_that_no_run_has_written_names_nothing_to_delete(content: object) -> None:
    try:
        assert all(one.name.startswith("occilibrary") for one in read_created(content))
    except TypeError:
        return


def test_what_was_noted_is_read_back() -> None:
    created = [Created(VM, new_name(), "u", True), Created(IMAGE, new_name())]
    assert read_created(json.loads(json.dumps([asdict(one) for one in created]))) == created


def test_what_is_still_there_is_told_where_the_site_is_lost() -> None:
    assert still_created(Found("u", "active")) == ""
    told = still_created(
        Found(
            "u", "active", created=[Created(VM, NAME, "http://s.example.org/compute/7"), Created(IMAGE, NAME)]
        )
    )
    assert told == f" Created and not deleted: VM '{NAME}' (http://s.example.org/compute/7), image '{NAME}'."


def test_vm_of_a_killed_run_is_found_by_its_name(site: ScriptedSite) -> None:
    site.on(
        "GET /compute/",
        listing(f"{site.url}compute/6", f"{site.url}compute/7"),
        listing(f"{site.url}compute/6"),
    )
    site.on("GET /compute/6", entity("somebody's"))
    site.on("GET /compute/7", entity(NAME))
    site.on("DELETE /compute/7", answer(204, "", ""))
    work = remover(site)
    assert work.remove([Created(VM, NAME, asked_at=LONG_AGO)]) == [f"VM {NAME} deleted"]
    assert site.asked("DELETE") == ["DELETE /compute/7"]
    assert (work.owed, work.problems) == ([], [])


def test_vm_that_never_came_to_be_is_nothing_to_delete(site: ScriptedSite) -> None:
    assert remover(site).remove([Created(VM, NAME, asked_at=LONG_AGO)]) == []
    assert site.asked("DELETE") == []


def test_vm_whose_place_another_one_has_taken_is_left_alone(site: ScriptedSite) -> None:
    site.on("GET /compute/7", entity("somebody's"))
    work = remover(site)
    work.remove([Created(VM, NAME, f"{site.url}compute/7", marked=True)])
    assert site.asked("DELETE") == []
    assert "so it was not deleted" in work.problems[0]


def test_vm_that_the_site_keeps_is_for_the_next_run(site: ScriptedSite) -> None:
    url = f"{site.url}compute/7"
    site.on("GET /compute/", listing(url))
    site.on("GET /compute/7", entity(NAME))
    site.on("DELETE /compute/7", answer(403, "not now"))
    work, created = remover(site), Created(VM, NAME, url, True)
    assert work.remove([created]) == []
    assert work.owed == [created]
    assert "not now" in work.problems[0]


def test_image_is_found_by_its_name_and_deleted_by_its_mixin(site: ScriptedSite) -> None:
    with_image, without = discovery("theirs=Debian", f"mine={NAME}"), discovery("theirs=Debian")
    site.on("GET /-/", with_image, with_image, with_image, without)
    site.on("DELETE /-/", answer(200, ""))
    work = remover(site)
    assert work.remove([Created(IMAGE, NAME, asked_at=LONG_AGO)]) == [f"image {NAME} deleted"]
    sent = next(request for request in site.requests if request.method == "DELETE")
    assert "mine" in sent["Category"] + sent.body.decode()
    assert "theirs" not in sent["Category"] + sent.body.decode()


@pytest.mark.parametrize(("status", "owed"), [(403, False), (501, False), (500, True)])
def test_image_that_no_user_can_delete_is_said_once(site: ScriptedSite, status: int, owed: bool) -> None:
    site.on("GET /-/", discovery(f"mine={NAME}"))
    site.on("DELETE /-/", answer(status, "no"))
    work = remover(site)
    assert work.remove([Created(IMAGE, NAME, asked_at=LONG_AGO)]) == []
    assert bool(work.owed) == owed
    assert len(work.problems) == 1


def test_what_cannot_be_deleted_keeps_nothing_else_from_it(site: ScriptedSite) -> None:
    urls = [f"{site.url}compute/{number}" for number in (7, 8)]
    site.on("GET /compute/", listing(urls[0]))
    for number in (7, 8):
        site.on(f"GET /compute/{number}", entity(NAME + str(number)))
    site.on("DELETE /compute/7", answer(500, "broken"))
    site.on("DELETE /compute/8", answer(200, ""))
    created = [Created(VM, NAME + str(number), url, True) for number, url in zip((7, 8), urls, strict=True)]
    work = remover(site)
    assert work.remove(created) == [f"VM {NAME}8 deleted"]
    assert work.owed == created[:1]


def test_vm_that_was_there_before_is_never_deleted_even_under_the_name(site: ScriptedSite) -> None:
    site.on("GET /compute/", listing(f"{site.url}compute/5"))
    site.on("GET /compute/5", entity(NAME))
    work = remover(site)
    assert work.remove([Created(VM, NAME, asked_at=LONG_AGO, spared=["/compute/5"])]) == []
    assert work.problems == []
    work.remove([Created(VM, NAME, f"{site.url}compute/5", True, spared=["/compute/5"])])
    assert site.asked("DELETE") == []
    assert "was there before" in work.problems[0]


def test_vm_without_its_name_is_deleted_only_shortly_after_it_was_created(site: ScriptedSite) -> None:
    site.on("GET /compute/7", entity(""))
    site.on("DELETE /compute/7", answer(204, "", ""))
    url = f"{site.url}compute/7"
    late = remover(site)
    late.remove([Created(VM, NAME, url, asked_at=LONG_AGO - 10)])
    assert site.asked("DELETE") == []
    assert "so it was not deleted" in late.problems[0]
    assert remover(site).remove([Created(VM, NAME, url)]) == [f"VM {NAME} deleted"]
