"""What the keywords about actions say of sites that show and refuse things in ways of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from OcciLibrary.keywords.action_keywords import ActionKeywords, ActionMethod, ComputeAction
from OcciLibrary.keywords.compute_keywords import ComputeKeywords
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.keywords.state_words import ComputeState
from tests.occi.scripted_site import COMPUTE, Request, ScriptedSite, answer, kind, vm


def calls_itself(site: ScriptedSite, server: str) -> None:
    site.on("/-/", kind("/compute/").replace(b"Content-Type", f"Server: {server}\r\nContent-Type".encode()))


def leads(site: ScriptedSite, before: str, after: str) -> None:
    """Shows one state before an action and another after it."""
    states = [before]
    site.on("GET /compute/5", lambda _: vm(state=states[-1]))

    def act(_: Request) -> bytes:
        states.append(after)
        return answer(204, "", "")

    site.on("POST /compute/5", act)


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ("rOCCI-server OCCI/1.2", "rOCCI-server 2 (OpenNebula) is known to show a suspended VM as 'inactive'; the wiki wants"),
        ("nginx/1", "Some servers (rOCCI-server 2 (OpenNebula), occi-os (OpenStack)) show a suspended VM as 'inactive'"),
        ("erocci OCCI/1.2", "it says 'inactive')."),
    ],
)  # fmt: skip
def test_suspended_vm_that_is_called_inactive_fails_to_the_letter_and_names_the_known_word(
    site: ScriptedSite, start: Callable[..., SiteRun], server: str, words: str
) -> None:
    calls_itself(site, server)
    leads(site, "active", "inactive")
    run = start()
    run.client.discover()
    keywords = ActionKeywords(run)
    keywords.invoke_action(ComputeAction.suspend, ActionMethod.hibernate)
    with pytest.raises(StepFailed) as caught:
        keywords.vm_should_become(ComputeState.suspended)
    assert words in str(caught.value)
    assert str(caught.value).startswith("Expected: the API says 'suspended'")


def test_stopped_vm_that_is_called_suspended(site: ScriptedSite, start: Callable[..., SiteRun]) -> None:
    leads(site, "active", "suspended")
    run = start()
    keywords = ActionKeywords(run)
    keywords.invoke_action(ComputeAction.stop, ActionMethod.graceful)
    with pytest.raises(
        StepFailed, match=r"Some servers \(rOCCI-server 1 .*\) show a stopped VM as 'suspended'"
    ):
        keywords.vm_should_stop()


def test_failed_start_on_ooi_says_what_inactive_may_mean(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    calls_itself(site, "ooi/1.2.0 OCCI/1.1")
    leads(site, "inactive", "inactive")
    run = start()
    run.client.discover()
    keywords = ActionKeywords(run)
    keywords.invoke_action(ComputeAction.start)
    with pytest.raises(
        StepFailed, match=r"ooi .* is known to show a VM that is still being built, or is in error, as"
    ):
        keywords.vm_should_start_up()


def test_refused_action_that_the_vm_does_not_offer_is_told_so(
    site: ScriptedSite, start: Callable[..., SiteRun]
) -> None:
    action = "http://schemas.ogf.org/occi/infrastructure/compute/action#stop"
    shown = f'Category: {COMPUTE}\nLink: </compute/5?action=stop>; rel="{action}"\nX-OCCI-Attribute: occi.compute.state="active"\n'
    site.on("GET /compute/5", answer(200, shown))
    site.on("POST /compute/5", answer(400, "action not applicable"))
    run = start()
    ComputeKeywords(run).query_the_vm()
    with pytest.raises(
        StepFailed, match=r"not applicable \(nor is it among the actions that the VM offers\)\. Ask"
    ):
        ActionKeywords(run).invoke_action(ComputeAction.suspend, ActionMethod.hibernate)


def test_action_goes_where_the_vms_own_link_leads(site: ScriptedSite, start: Callable[..., SiteRun]) -> None:
    action = "http://schemas.ogf.org/occi/infrastructure/compute/action#start"
    shown = f'Category: {COMPUTE}\nLink: </compute/5/?action=start>; rel="{action}"\nX-OCCI-Attribute: occi.compute.state="inactive"\n'
    site.on("GET /compute/5", answer(200, shown))
    site.on("POST /compute/5/", answer(204, "", ""))
    run = start()
    ComputeKeywords(run).query_the_vm()
    ActionKeywords(run).invoke_action(ComputeAction.start)
    run.end_watch()
    assert site.asked("POST") == ["POST /compute/5/?action=start"]


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (answer(400), "400 Whatever (it gave no reason). Ask the site's admin why"),
        (
            answer(501, "Not supported!"),
            "Not supported. Ask the site's admin whether this site offers the action at all",
        ),
        (answer(304), "by this status nothing was done"),
    ],
)
def test_refused_action_is_told_with_the_reason_or_that_there_is_none(
    site: ScriptedSite, start: Callable[..., SiteRun], refusal: bytes, words: str
) -> None:
    site.on("GET /compute/5", vm(state="inactive"))
    site.on("POST /compute/5", refusal)
    with pytest.raises(StepFailed) as caught:
        ActionKeywords(start()).invoke_action(ComputeAction.start)
    assert words in str(caught.value)
    assert len(site.asked("POST")) == 1
