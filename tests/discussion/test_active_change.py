"""The verdict on a change of the active VM: FAIL only where a site says one thing and does another, or harms the VM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from OcciLibrary.keywords.active_change import ActiveChange, Answer, Fit, Sight, in_machine, in_occi
from OcciLibrary.keywords.active_change_record import line, record, seen_table
from OcciLibrary.keywords.active_change_verdict import verdict
from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.probes.guest import GuestAccount
from OcciLibrary.watch import Outcome

CORES, HOSTNAME, MEMORY = "occi.compute.cores", "occi.compute.hostname", "occi.compute.memory"
SHOWN: dict[str, AttributeValue] = {
    CORES: 1,
    HOSTNAME: "one.example.org",
    MEMORY: 2.0,
    "occi.core.title": "VM",
}
INSIDE = GuestAccount(boot_id="b", cores=1, hostname="one", memory=1.93)
PASS, FAIL = Outcome.PASS, Outcome.FAIL


def seen(inside: GuestAccount | None = INSIDE, **changed: AttributeValue) -> Sight:
    names = {"cores": CORES, "hostname": HOSTNAME, "memory": MEMORY, "title": "occi.core.title"}
    shown = {**SHOWN, **{names[name]: value for name, value in changed.items()}}
    return Sight(1.0, shown, inside)


def cores(number: int) -> GuestAccount:
    return replace(INSIDE, cores=number)


def change(
    name: str = CORES,
    asked: AttributeValue = 2,
    answer: Answer = Answer.ACCEPTED,
    sights: Mapping[str, Sight] | None = None,
    **seen_later: Sight,
) -> ActiveChange:
    words = {
        Answer.ACCEPTED: "accepted: 200",
        Answer.REFUSED: "refused: 409 Busy",
        Answer.UNKNOWN: "not known: reset",
    }
    found = ActiveChange(name, SHOWN[name], asked, seen(), answer=answer, answer_words=words[answer])
    for moment, sight in {**(sights or {}), **seen_later}.items():
        setattr(found, moment, sight)
    return found


NEVER = {moment: seen(cores=2) for moment in ("at_once", "later", "restarted", "started")}
IGNORED = {moment: seen() for moment in ("at_once", "later", "restarted", "started")}


def unlooked(sights: dict[str, Sight]) -> dict[str, Sight]:
    return {moment: replace(sight, account=None) for moment, sight in sights.items()}


@pytest.mark.parametrize(
    ("told", "outcome", "words", "remark"),
    [
        (change(later=seen(cores(2), cores=2)), PASS, "Answer: accepted: 200", ""),
        (change(later=seen(cores=2), restarted=seen(cores(2), cores=2)), PASS, "as asked (2)", ""),
        (
            change(later=seen(cores=2), restarted=seen(cores=2), started=seen(cores(2), cores=2)),
            PASS,
            "after stop and start: shown as asked (2), in the machine as asked (2)",
            "A restart did not bring the new occi.compute.cores into the machine; stop and start did.",
        ),
        (change(sights=NEVER), FAIL, "OCCI shows the new value, and the machine never got it: after stop and start", ""),
        (change(sights=IGNORED), FAIL, "not even OCCI shows it, and the machine never got it", ""),
        (change(sights=unlooked(IGNORED)), FAIL, "OCCI never showed it: after stop and start it is still 1", ""),
        (change(sights=unlooked(NEVER)), PASS, "not looked at: the site file gives no ssh login", ""),
        (
            change(later=seen(cores=2)),
            PASS,
            "In the machine: as before (1)",
            "Whether the change is in force after a restart is not known",
        ),
        (change(answer=Answer.REFUSED, at_once=seen(), later=seen(), restarted=seen()), PASS, "refused: 409 Busy", ""),
        (change(answer=Answer.REFUSED, later=seen(cores=2)), FAIL, "after 1.0 s OCCI shows it as asked (2)", ""),
        (change(answer=Answer.REFUSED, later=seen(cores(2))), FAIL, "after 1.0 s the machine has it as asked (2)", ""),
        (
            change(answer=Answer.REFUSED, later=seen(), restarted=seen(cores(2))),
            FAIL,
            "after a restart the machine has it as asked (2)",
            "",
        ),
        (change(later=seen(cores=2, memory=1.0)), FAIL, "OCCI shows another occi.compute.memory from 2.0 to 1.0", ""),
        (change(later=seen(cores(3), cores=3), restarted=seen(cores(3), cores=3)), PASS, "otherwise (3)", "asked for was 2"),
        (
            change(sights=NEVER, started=seen(cores(7), cores=2)),
            FAIL,
            "the machine never got it: after stop and start it has it otherwise (7)",
            "",
        ),
        (change(answer=Answer.UNKNOWN, later=seen(cores=2)), PASS, "not known: reset", "Whether the site took the change"),
        (change(later=seen(cores(2))), PASS, "as before (1)", "OCCI still shows occi.compute.cores as before"),
        (
            change(later=seen(cores(2), cores=2), restarted=seen()),
            PASS,
            "shown as before (1)",
            "The change did not outlive a restart",
        ),
        (
            change(later=seen(), restarted=Sight(9.0, None, None)),
            PASS,
            "the site could not be asked",
            "",
        ),
    ],
)  # fmt: skip
def test_verdict(told: ActiveChange, outcome: Outcome, words: str, remark: str) -> None:
    result = verdict(told)
    assert result.outcome is outcome, result
    assert words in result.message
    assert remark in " ".join(result.remarks)
    if outcome is FAIL:
        assert result.message.startswith("Expected that")
        assert "sk the site's admin" in result.message


def test_harm_fails_whatever_else_was_well() -> None:
    told = change(later=seen(cores(2), cores=2))
    told.harm = "its state was 'inactive' from 0.1 s to 0.9 s after the change; then it was active again"
    result = verdict(told)
    assert result.outcome is FAIL
    assert (
        "Expected that the VM stays active and alive when occi.compute.cores was to become 2"
        in result.message
    )
    assert record(told)["Alive"].startswith("no: its state was 'inactive'")


def test_attribute_asked_for_before_may_change_now() -> None:
    told = change(later=seen(cores=2, memory=1.0))
    told.asked_so_far = (MEMORY,)
    assert verdict(told).outcome is PASS


def test_machine_that_disagreed_with_occi_before_is_no_witness() -> None:
    told = change(sights={moment: seen(cores(8), cores=2) for moment in NEVER})
    told.before = seen(cores(8))
    assert in_machine(told, told.sights[-1]) == in_machine(told, told.sights[0])
    assert record(told)["In the machine"] == "not comparable: it has 8, and had 8 before, where OCCI said 1"
    assert verdict(told).outcome is PASS


@pytest.mark.parametrize(
    ("asked", "inside", "fit"),
    [
        (1.0, 0.96, Fit.AS_ASKED),
        (1.0, 0.86, Fit.AS_ASKED),
        (1.0, 1.93, Fit.AS_BEFORE),
        (4.0, 3.6, Fit.AS_ASKED),
        (4.0, 1.9, Fit.AS_BEFORE),
        (4.0, 3.0, Fit.OTHERWISE),
        (1.0, 0.5, Fit.OTHERWISE),
    ],
)
def test_memory_is_compared_with_what_a_kernel_keeps(asked: float, inside: float, fit: Fit) -> None:
    sight = seen(replace(INSIDE, memory=inside), memory=asked)
    assert in_machine(change(MEMORY, asked, later=sight), sight).fit is fit


def test_memory_in_mib_is_read_as_mib() -> None:
    told = change(MEMORY, 1024, later=seen(replace(INSIDE, memory=0.96), memory=1024))
    told.old, told.memory_in_mib = 2048, True
    assert in_machine(told, told.sights[0]).fit is Fit.AS_ASKED


@pytest.mark.parametrize(
    ("asked", "inside", "fit"),
    [
        ("two.example.org", "two", Fit.AS_ASKED),
        ("two", "two.example.org", Fit.AS_ASKED),
        ("two.example.org", "two.example.com", Fit.OTHERWISE),
        ("two.example.org", "one", Fit.AS_BEFORE),
    ],
)
def test_host_name_with_and_without_its_domain_is_the_same(asked: str, inside: str, fit: Fit) -> None:
    sight = seen(replace(INSIDE, hostname=inside), hostname=asked)
    assert in_machine(change(HOSTNAME, asked, later=sight), sight).fit is fit


def test_attribute_that_is_never_shown_is_not_known() -> None:
    told = change(later=seen())
    told.name, told.old, told.asked = "occi.compute.speed", None, 2.0
    assert in_occi(told, told.sights[0]).fit is Fit.UNKNOWN
    assert verdict(told).outcome is PASS
    assert record(told)["Shown"] == "not shown, neither before nor now"


def test_record_says_when_a_change_came() -> None:
    told = change(at_once=seen(), later=replace(seen(cores(2), cores=2), seconds=5.0))
    assert record(told) == {
        "Attribute": CORES,
        "Asked": "2 instead of 1",
        "Answer": "accepted: 200",
        "Shown": "as before (1) at once, as asked (2) after 5.0 s",
        "In the machine": "as before (1) at once, as asked (2) after 5.0 s",
        "After a restart": "not looked at: the VM was not restarted",
        "Alive": "all the while, by OCCI's state",
    }
    assert line(told).startswith("occi.compute.cores. Asked: 2 instead of 1. Answer: accepted: 200. Shown: ")


def test_table_escapes_and_cuts_what_a_stranger_says() -> None:
    told = change("occi.core.title", "<b>" + "x" * 5000, later=seen(title="<script>alert(1)</script>"))
    drawn = seen_table(told)
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert len(line(told)) < 1000
