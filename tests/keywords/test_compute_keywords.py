"""What the keywords about listing, querying and changing the VM say of sites that speak a dialect."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from assertionengine import AssertionOperator
from robot.api import SkipExecution

from OcciLibrary.keywords.compute_keywords import ComputeKeywords
from OcciLibrary.keywords.site_run import CannotTell, SiteRun, StepFailed
from OcciLibrary.keywords.state_words import ComputeState
from tests.occi.scripted_site import COMPUTE, ScriptedSite, answer, kind, listing, vm

# ---- deviations


def test_each_deviation_is_a_remark_at_the_step_that_met_it_first(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/", answer(200, "\nX-OCCI-Location: /compute/5\n"))
    site.on("/compute/5", answer(200, f'\nCategory: {COMPUTE}\nX-OCCI-Attribute: occi.compute.cores="2"\n'))
    run = start()
    keywords = ComputeKeywords(run)
    keywords.list_compute_resources()
    listed = list(run.remarks)
    run.remarks.clear()  # as the listener does between two steps
    assert keywords.query_the_vm()["occi.compute.cores"] == 2
    assert len([words for words in listed if "GFD.185 §3.5" in words]) == 2
    assert any("'/compute/5' is relative" in words for words in listed)
    assert [words for words in run.remarks if "departs from" in words] == [
        words for words in run.remarks if "GFD.185 §3.5.4" in words
    ]
    run.remarks.clear()
    keywords.query_the_vm()
    assert not [words for words in run.remarks if "departs from" in words]


def test_site_that_keeps_to_the_documents_has_no_remark(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/5", vm(state="active", cores=2))
    run = start()
    keywords = ComputeKeywords(run)
    keywords.list_compute_resources()
    keywords.query_the_vm()
    assert run.remarks == []


# ---- which VM it is


@pytest.mark.parametrize("vm_id", ["urn:uuid:ab-1", "AB-1", "ns1/vm0"])
def test_vm_is_found_by_its_id_where_the_addresses_are_others(
    site: ScriptedSite, start: Callable[..., SiteRun], vm_id: str
) -> None:
    """MartServer's entities live where a client put them, erocci's outside of the collection."""
    site.on("/compute/", listing(*(f"{site.url}things/{n}" for n in ("x", "y", "z"))))
    site.on("/things/x", answer(500))
    site.on("/things/y", vm(occi__core__id="urn:uuid:other", state="active"))
    site.on(
        "/things/z", vm(occi__core__id="urn:uuid:ab-1" if "/" not in vm_id else "/ns1/vm0", state="inactive")
    )
    run = start(vm_id=vm_id)
    keywords = ComputeKeywords(run)
    keywords.list_compute_resources()
    keywords.vm_should_be_listed()
    assert run.vm_url == f"{site.url}things/z"
    asked = len(site.requests)
    keywords.list_compute_resources()
    keywords.vm_should_be_listed()
    assert len(site.requests) == asked + 1  # the ids are not read again


def test_vm_that_no_listed_one_calls_itself_is_not_listed(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/", listing(*(f"{site.url}compute/{n}" for n in range(200))))
    run = start(vm_id="urn:uuid:ab-1")
    with pytest.raises(StepFailed, match=r"'urn:uuid:ab-1' in the listing .* among the 200 listed"):
        ComputeKeywords(run).vm_should_be_listed()
    assert len(site.requests) <= 52
    assert run.unlisted_vm_url() == f"{site.url}compute/urn:uuid:ab-1"


def test_id_below_a_collection_without_a_slash_at_its_end(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/-/", kind("/categories/compute"))
    assert start().unlisted_vm_url() == f"{site.url}categories/compute/5"


def test_one_vm_under_two_host_names_is_one_vm(site: ScriptedSite, start: Callable[..., SiteRun]) -> None:
    site.on("/compute/", listing("http://front.example.org/compute/5", f"{site.url}compute/5"))
    run = start()
    ComputeKeywords(run).vm_should_be_listed()
    assert run.vm_url == f"{site.url}compute/5"


def test_vm_given_by_url_is_listed_where_the_site_leaves_its_root_out(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/", answer(404))
    site.on("/occi1.1/-/", kind("/compute/"))
    site.on("/occi1.1/compute/", listing("/compute/5"))
    run = start(occi_endpoint=f"{site.url}occi1.1", vm_id=f"{site.url}occi1.1/compute/5")
    ComputeKeywords(run).vm_should_be_listed()


def test_name_that_fits_two_vms_is_for_the_tester_to_mend(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/", listing(f"{site.url}a/5", f"{site.url}b/5"))
    run = start()
    with pytest.raises(
        CannotTell, match=r"'5' names several resources .* by its whole URL in \$\{VM_ID\} of"
    ):
        ComputeKeywords(run).vm_should_be_listed()
    assert run.stopped


# ---- units


def test_memory_in_mib_is_a_remark_and_changed_to_a_sane_number(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    ooi = kind("/compute/").replace(b"Content-Type", b"Server: ooi/1.2.0 OCCI/1.1\r\nContent-Type")
    site.on("/-/", ooi)
    site.on("/compute/5", vm(state="inactive", memory=512))
    site.on("POST /compute/5", answer(200))
    run = start()
    keywords = ComputeKeywords(run)
    keywords.list_compute_resources()
    keywords.query_the_vm()
    (remark,) = [words for words in run.remarks if "MiB" in words]
    assert "512, which are MiB: OCCI counts GiB (GFD.184 §3.1), so it would be 0.5" in remark
    assert keywords.change_vm_attribute("occi.compute.memory") == 1024


def test_speed_that_the_site_does_not_have_is_told_so(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/5", vm(state="inactive", cores=1))
    site.on("POST /compute/5", answer(404, "no such attribute"))
    with pytest.raises(StepFailed) as caught:
        ComputeKeywords(start()).change_vm_attribute("occi.compute.speed")
    words = str(caught.value)
    assert "can be set to 1.5" in words
    assert (
        "shows no occi.compute.speed (OCCI 1.2 has removed it, GFD.224 §3.1; the wiki still asks for it)"
        in words
    )
    assert "no such attribute" in words
    assert "None" not in words


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (
            "ooi/1.2.0 OCCI/1.1",
            "400 Whatever (it gave no reason) (ooi is known to have no update of attributes). Ask",
        ),
        (
            "rOCCI-server OCCI/1.2",
            "(rOCCI-server 2 is known to have no update of attributes, only of a VM's size",
        ),
        ("nginx/1", "400 Whatever (it gave no reason). Ask the site's admin"),
    ],
)
def test_refused_update_says_what_the_server_is_known_for(
    site: ScriptedSite, start: Callable[..., SiteRun], server: str, words: str
) -> None:
    site.on("/-/", kind("/compute/").replace(b"Content-Type", f"Server: {server}\r\nContent-Type".encode()))
    site.on("/compute/5", vm(state="inactive", cores=1))
    site.on("POST /compute/5", answer(400))
    with pytest.raises(StepFailed) as caught:
        ComputeKeywords(start()).change_vm_attribute("occi.compute.cores")
    assert words in str(caught.value)


def test_json_that_only_the_tester_asks_for_is_no_verdict_about_the_site(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/", answer(406))
    run = start(occi_media_type="application/occi+json")
    with pytest.raises(CannotTell, match=r"\$\{OCCI_MEDIA_TYPE\} asks for application/occi\+json"):
        ComputeKeywords(run).list_compute_resources()
    assert run.stopped


# ---- what became of a change


def test_update_without_effect_is_told_in_whole_sentences(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/5", vm(state="inactive", cores=1))
    site.on("POST /compute/5", answer(200))
    run = start(transition_timeout=0.5)
    keywords = ComputeKeywords(run)
    keywords.query_the_vm()
    keywords.change_vm_attribute("occi.compute.cores")
    with pytest.raises(StepFailed) as caught:
        keywords.vm_attributes_should_have_changed()
    assert re.fullmatch(
        r"Expected that occi\.compute\.cores changed and nothing else did, but at \d\d:\d\d:\d\d, after \d+ queries in "
        r"\d\.\d s: the following did not change: occi\.compute\.cores is still 1, asked for was 2\. The site had accepted "
        r"the change: ask its admin whether it has the effect that was asked for\.",
        str(caught.value),
    )


def test_waiting_for_an_effect_is_one_line_in_the_log_and_the_bad_row_stands_out(
    site: ScriptedSite, start: Callable[..., SiteRun], caplog: pytest.LogCaptureFixture
) -> None:
    site.on("/compute/5", vm(state="inactive", cores=1, memory=2.0))
    site.on("POST /compute/5", answer(200))
    keywords = ComputeKeywords(start(transition_timeout=1.0))
    keywords.change_vm_attribute("occi.compute.cores")
    asked = len(site.asked("GET"))
    caplog.set_level("INFO", "RobotFramework")
    caplog.clear()
    with pytest.raises(StepFailed):
        keywords.vm_attributes_should_have_changed()
    queries = len(site.asked("GET")) - asked
    lines = [record.getMessage() for record in caplog.records]
    assert queries >= 4
    assert len([line for line in lines if "GET http" in line]) == 1
    assert len([line for line in lines if f"queried {queries} times" in line]) == 1
    (table,) = [line for line in lines if line.startswith("<table>")]
    assert (
        '<tr style="font-weight: bold; background: #fdd"><td>occi.compute.cores</td><td>1</td><td>2</td>'
        in table
    )
    assert "NOT CHANGED" in table
    assert "<td>occi.compute.memory (GiB)</td>" in table
    keywords.query_the_vm()
    assert (
        len([r for r in caplog.records if "GET http" in r.getMessage()]) == 2
    )  # from then on all is logged again


def test_attribute_that_the_vm_had_not_is_noted_to_be_taken_away(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/5", vm(state="inactive", memory=2.0))
    site.on("POST /compute/5", answer(200))
    run = start()
    run.write_down()
    keywords = ComputeKeywords(run)
    for name in ("occi.compute.memory", "occi.compute.cores", "occi.compute.cores"):
        keywords.change_vm_attribute(name)
    assert run.found is not None
    assert run.found.added == ["occi.compute.cores"]
    assert "with occi.compute.memory=2.0 and without occi.compute.cores." in run.what_is_owed()


def test_attribute_that_a_full_update_had_to_do_without_is_a_remark(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    site.on("/compute/5", vm(state="inactive", cores=1, architecture="x86"))
    site.on("POST /compute/5", answer(501))
    site.on("PUT /compute/5", answer(500), answer(200))
    run = start()
    ComputeKeywords(run).change_vm_attribute("occi.compute.cores")
    assert [words for words in run.remarks if "full update that holds occi.compute.architecture" in words]


# ---- the words of bridges


@pytest.mark.parametrize(
    ("server", "wanted", "seen", "words"),
    [
        ("rOCCI-server OCCI/1.1", "suspended", "inactive", "rOCCI-server 2 (OpenNebula) is known to show a suspended VM"),
        ("Apache/2.2", "inactive", "suspended", "Some servers (rOCCI-server 1 (OpenNebula, EC2)) show a stopped VM as"),
        ("Apache/2.2", "active", "waiting", "show a VM on its way from one state to another as 'waiting'"),
        ("Apache/2.2", "active", "error", "'error' is a state of OCCI 1.2 (GFD.224 §3.1)"),
    ],
)  # fmt: skip
def test_state_is_judged_to_the_letter_and_the_known_word_is_named(
    site: ScriptedSite, start: Callable[..., SiteRun], server: str, wanted: str, seen: str, words: str
) -> None:
    site.on("/-/", kind("/compute/").replace(b"Content-Type", f"Server: {server}\r\nContent-Type".encode()))
    site.on("/compute/5", vm(state=seen))
    keywords = ComputeKeywords(start())
    with pytest.raises(AssertionError) as caught:
        keywords.get_vm_state(AssertionOperator["=="], wanted, "It is {value}.")
    assert str(caught.value).startswith("It is ")
    assert words in str(caught.value)
    with pytest.raises(SkipExecution) as skipped:
        keywords.skip_unless_vm_is_in_state(ComputeState(wanted))
    assert words in str(skipped.value)


def test_plain_wrong_state_needs_no_more_words(site: ScriptedSite, start: Callable[..., SiteRun]) -> None:
    site.on("/compute/5", vm(state="active"))
    with pytest.raises(AssertionError) as caught:
        ComputeKeywords(start()).get_vm_state(AssertionOperator["=="], "inactive", "It is {value}.")
    assert str(caught.value) == "It is 'active'."
