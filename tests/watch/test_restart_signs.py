"""The three signs of a restart and the proof of hibernation, as pure functions of what was read."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from OcciLibrary.watch import Outcome, Verdict
from OcciLibrary.watch.reading import Outage
from OcciLibrary.watch.restart_signs import (
    TOLERANCE,
    Boot,
    Sign,
    Signs,
    fresh_boot,
    restart_signs,
    resume_signs,
    signs_table,
    word_of_the_api_alone,
)

from .scripted import Script, build

SHOWN = Verdict(Outcome.PASS, "in order")
NOT_SHOWN = Verdict(Outcome.FAIL, "not in order")
UNSEEN = Verdict(Outcome.UNKNOWN, "blind")
AWAY = (Outage("echo", 10.3, 12.0),)
ONE = "11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
OTHER = "22222222-bbbb-4bbb-8bbb-bbbbbbbbbbbb"

ids = st.sampled_from(["", ONE, OTHER])
seconds = st.floats(0, 1e7)


def boot(boot_id: str, up: float | None, asked: float, skew: float = 0.0, first: int | None = None) -> Boot:
    """A reading at the tester's time `asked` of a machine that is up for so long, its clock wrong by `skew`."""
    if up is None:
        return Boot(boot_id, first=first, asked=asked)
    return Boot(boot_id, asked + skew - up, asked + skew, first, asked)


BEFORE = boot(ONE, 500.0, 1000.0)
SAME = boot(ONE, 510.0, 1010.0)
FRESH = boot(OTHER, 5.0, 1010.0)


@given(
    up=seconds, passed=seconds, skews=st.tuples(seconds, seconds), known=st.booleans(), slept=st.booleans()
)
def test_machine_that_went_on_is_never_said_to_have_booted(
    up: float, passed: float, skews: tuple[float, float], known: bool, slept: bool
) -> None:
    # Its clock may be set meanwhile, and without a boot id it may be that nothing can be told.
    boot_id = ONE if known else ""
    before = boot(boot_id, up, 1e9, skews[0])
    after = boot(boot_id, up + passed, 1e9 + passed, skews[1])
    assert fresh_boot(before, after, slept=slept) in ((False,) if known else (False, None))


@given(
    up=seconds, passed=seconds, share=st.floats(0, 1), known=st.booleans(), slept=st.booleans(), skew=seconds
)
def test_machine_that_booted_afresh_is_never_said_to_have_gone_on(
    up: float, passed: float, share: float, known: bool, slept: bool, skew: float
) -> None:
    before = boot(ONE if known else "", up, 1e9)
    after = boot(OTHER if known else "", passed * share, 1e9 + passed, skew)
    assert fresh_boot(before, after, slept=slept) in ((True,) if known else (True, None))


@given(
    up=st.floats(60, 1e7), asleep=st.floats(0, 1e6), awake=st.floats(0, 60), known=st.booleans(), skew=seconds
)
def test_suspended_machine_whose_uptime_stood_still_kept_its_memory(
    up: float, asleep: float, awake: float, known: bool, skew: float
) -> None:
    boot_id = ONE if known else ""
    before = boot(boot_id, up, 1e9)
    after = boot(boot_id, up + awake, 1e9 + asleep + awake, skew)
    assert fresh_boot(before, after, slept=True) in ((False,) if known else (False, None))


@given(before=st.builds(boot, ids, st.none() | seconds, seconds), slept=st.booleans())
def test_nothing_known_of_one_side_tells_nothing(before: Boot, slept: bool) -> None:
    assert fresh_boot(before, None, slept=slept) is None
    assert fresh_boot(None, before, slept=slept) is None
    assert fresh_boot(before, Boot(), slept=slept) is None


def test_container_that_shares_its_hosts_boot_id_is_known_by_its_first_process() -> None:
    assert fresh_boot(boot(ONE, 500, 1000, first=70), boot(ONE, 510, 1010, first=9000)) is True
    assert fresh_boot(boot(ONE, 500, 1000, first=70), boot(ONE, 510, 1010, first=70)) is False


def test_same_boot_id_with_an_uptime_that_began_anew_proves_nothing() -> None:
    assert fresh_boot(BEFORE, boot(ONE, 5, 1010)) is None


@pytest.mark.parametrize(
    ("order", "away", "after", "shown", "words"),
    [
        (SHOWN, AWAY, FRESH, (True, True, True), "All three signs show the restart"),
        (SHOWN, (), FRESH, (True, False, True), "the probes were too slow"),
        (SHOWN, AWAY, None, (True, True, None), "shown by: API, probes. Not known: machine"),
        (SHOWN, AWAY, SAME, (True, True, False), "the machine was not restarted: same boot id 11111111"),
        (NOT_SHOWN, AWAY, FRESH, (False, True, True), "The machine did restart (new boot id 22222222"),
        (NOT_SHOWN, (), FRESH, (False, False, True), "but the API did not show it"),
        (NOT_SHOWN, (), SAME, (False, False, False), "was not restarted, and the API did not show"),
        (NOT_SHOWN, (), None, (False, False, None), "No sign shows the restart. Not known: machine"),
        (UNSEEN, AWAY, FRESH, (None, True, True), "shown by: probes, machine. Not known: API"),
    ],
)
def test_three_signs(
    order: Verdict,
    away: tuple[Outage, ...],
    after: Boot | None,
    shown: tuple[bool | None, ...],
    words: str,
) -> None:
    signs = restart_signs(order, away, BEFORE, after, since=10.0)
    assert tuple(sign.shown for sign in signs.signs) == shown
    assert words in signs.conclusion


def test_restart_that_the_machine_did_not_make_says_which_one_lies() -> None:
    signs = restart_signs(SHOWN, (), BEFORE, SAME)
    assert signs.broken.startswith(
        "Expected: the machine restarts. Seen: The API went through active, inactive, active, but the machine was not "
        "restarted: same boot id 11111111, up for 510 s. So the API reports a restart that did not take place."
    )
    assert "Please ask the site's admin" in signs.broken


@given(
    order=st.sampled_from([SHOWN, NOT_SHOWN, UNSEEN]),
    away=st.sampled_from([(), AWAY]),
    before=st.none() | st.builds(boot, ids, st.none() | seconds, st.just(1e9)),
    after=st.none() | st.builds(boot, ids, st.none() | seconds, st.floats(1e9, 2e9)),
)
def test_step_breaks_only_when_the_api_claims_what_the_machine_disproves(
    order: Verdict, away: tuple[Outage, ...], before: Boot | None, after: Boot | None
) -> None:
    signs = restart_signs(order, away, before, after)
    disproved = order is SHOWN and fresh_boot(before, after) is False
    assert bool(signs.broken) == disproved
    assert signs.conclusion


def test_when_the_order_fails_the_machine_has_its_say() -> None:
    assert "So it did restart" in restart_signs(NOT_SHOWN, (), BEFORE, FRESH).own_account
    assert "So it was not restarted at all" in restart_signs(NOT_SHOWN, (), BEFORE, SAME).own_account
    assert restart_signs(NOT_SHOWN, (), BEFORE, None, problem="No login.").own_account == ""


def test_missing_account_says_why() -> None:
    signs = restart_signs(SHOWN, AWAY, BEFORE, None, problem="The ssh login refuses the password.")
    assert signs.signs[2] == Sign("machine", None, "The ssh login refuses the password")


def test_resume_into_a_fresh_boot_is_broken_and_says_what_was_lost() -> None:
    signs = resume_signs(BEFORE, FRESH)
    assert "resumed into a fresh boot, so hibernate lost its memory: new boot id 22222222" in signs.broken
    assert "so suspend lost its memory" in resume_signs(BEFORE, FRESH, method="suspend").broken


@given(
    before=st.none() | st.builds(boot, ids, st.none() | seconds, st.just(1e9)),
    after=st.none() | st.builds(boot, ids, st.none() | seconds, st.floats(1e9, 2e9)),
)
def test_resume_breaks_only_when_a_boot_is_proved(before: Boot | None, after: Boot | None) -> None:
    assume(before != after)
    assert bool(resume_signs(before, after).broken) == (fresh_boot(before, after, slept=True) is True)


def test_resume_with_the_same_boot_id_kept_its_memory() -> None:
    signs = resume_signs(BEFORE, SAME)
    assert (signs.signs[0].shown, signs.broken) == (True, "")
    assert "kept its memory while it was suspended: same boot id 11111111" in signs.conclusion


def test_clock_in_whole_seconds_does_not_make_a_boot() -> None:
    after = Boot("", BEFORE.time and BEFORE.time + TOLERANCE / 2, 1010.0, None, 1010.0)
    assert fresh_boot(Boot("", BEFORE.time, BEFORE.clock, None, BEFORE.asked), after) is False


@given(st.text(max_size=80))
def test_table_is_well_formed_whatever_was_read(text: str) -> None:
    table = ET.fromstring(signs_table(Signs((Sign(text, None, text),), text), text))
    assert len(table) == 3
    assert "not known" in "".join(table.itertext())


# --- a restart that rests on the API's word alone

DIP: Script = [("active", 1.0), ("inactive", 2.0), ("active", 4.0)]


def test_probe_that_answers_all_along_leaves_only_the_word_of_the_api() -> None:
    remark = word_of_the_api_alone(build(state=DIP, echo=[("answers", 4.0)]), 0.5)
    assert "said 'inactive' from 0.50 s to 1.4" in remark
    assert "the echo service answered all along" in remark
    assert "${SSH_USERNAME}" in remark


@pytest.mark.parametrize(
    "lanes",
    [
        {"state": DIP, "echo": [("answers", 1.5), ("silent", 1.9), ("answers", 4.0)]},
        {"state": DIP, "echo": [("silent", 4.0)]},
        {"state": DIP},
        {"state": [("active", 4.0)], "echo": [("answers", 4.0)]},
        {"state": [("active", 1.0), ("suspended", 2.0), ("active", 4.0)], "echo": [("answers", 4.0)]},
        {"state": [("active", 1.0), ("inactive", 1.1), ("active", 4.0)], "echo": [("answers", 4.0)]},
    ],
)
def test_nothing_is_remarked_where_a_probe_was_away_or_was_not_asked_twice_within_the_dip(
    lanes: dict[str, Script],
) -> None:
    assert word_of_the_api_alone(build(**lanes), 0.5) == ""


@given(before=st.floats(0.5, 3), dip=st.floats(0.3, 3), away=st.floats(0.1, 2), at=st.floats(0, 1))
def test_a_machine_that_was_seen_to_be_away_is_never_doubted(
    before: float, dip: float, away: float, at: float
) -> None:
    gone = before + at * dip
    end = max(before + dip, gone + away) + 1.0
    lanes: dict[str, Script] = {
        "state": [("active", before), ("inactive", before + dip), ("active", end)],
        "echo": [("answers", gone), ("silent", gone + away), ("answers", end)],
    }
    assert word_of_the_api_alone(build(**lanes), 0.2) == ""
