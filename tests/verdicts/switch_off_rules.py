"""Mutation check: switches each verdict rule off in turn and looks whether a row of the verdict table turns red.

    python -m tests.verdicts.switch_off_rules [NAME ...]

A rule that nothing guards is a defect: the exit status is then 1. Each rule names the text in the source that it
stands in, what stands there instead when it is switched off, and the rows of the table that guard it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.verdicts.site_runs import STEPS, Row, Seen, read_table, run

_VERDICTS = "OcciLibrary.watch.verdicts"
_READING = "OcciLibrary.watch.reading"
_CHANGES = "OcciLibrary.occi.attribute_changes"
_COMPUTE = "OcciLibrary.keywords.compute_keywords"
_ACTIONS = "OcciLibrary.keywords.action_keywords"
_PROBES = "OcciLibrary.keywords.probe_keywords"
_ECHO = "OcciLibrary.probes.echo"


@dataclass(frozen=True)
class Rule:
    """One rule of a verdict: where it stands, and the rows that turn red without it."""

    name: str
    module: str
    function: str
    text: str
    instead: str
    guards: tuple[str, ...]


RULES = (
    Rule("up: the state must be active", _VERDICTS, "_up", 'state is None or state.value != "active"', "state is None",
         ("start-not-reported", "state-always-inactive")),
    Rule("up: the echo must answer", _VERDICTS, "_up", 'echo is not None and echo.value == "answers"', "echo is not None",
         ("start-no-machine", "echo-closed without ssh")),
    Rule("up: the machine's own account counts where only its probes are silent", _ACTIONS, "ActionKeywords._by_own_account",
         "if proof:", "if False:", ("echo-closed", "start-echo-closed")),
    Rule("up: where the API does not say active, no account helps", _VERDICTS, "lacks_only_the_machine",
         'run is None or run.value != "active" or run.samples < 2', "run is None", ("start-not-reported",)),
    Rule("up: a machine that was up before proves no start", "OcciLibrary.keywords.guest_signs", "GuestSigns.proof_of_being_up",
         "boot.uptime is None or boot.uptime > since_action + TOLERANCE", "False", ("echo-closed+ssh-of-another-vm+cores-ignored",)),
    Rule("up: a port that opens is not yet a machine", _VERDICTS, "_up", "since, patience, (wording.GARBLED,)",
         "since, 0.0, (wording.GARBLED,)", ("start-port-opens-briefly",)),
    Rule("up: no proper echo is remarked on", _VERDICTS, "_up", 'echo is not None and echo.value == "garbled"', "False",
         ("echo-mute",)),
    Rule("up: it must stay so", _VERDICTS, "_together", "twice and held >= max(least, SETTLING.needed(began - since))", "True",
         ("start-falls-back",)),
    Rule("up: only what holds counts", _VERDICTS, "came_up", "held is not None and held.began - since <= timeout and held.settled",
         "held is not None and held.began - since <= timeout", ("start-falls-back", "start-port-opens-briefly")),
    Rule("up: not up in time is a failure", _VERDICTS, "came_up", "return Verdict(Outcome.FAIL, wording.not_up",
         "return Verdict(Outcome.PASS, wording.not_up", ("start-ignored", "resume-ignored")),
    Rule("up: error that lasts is a failure", _VERDICTS, "came_up", "_error_persists(timeline, since, patience)", "False",
         ("start-to-error",)),
    Rule("restart: the VM must be up again", _VERDICTS, "restarted", "if verdict.outcome is not Outcome.PASS:", "if False:",
         ("restart-kills-machine",)),
    Rule("restart: a machine that is still up may yet go down", _VERDICTS, "restarted",
         "SETTLING.most if probes and not ended else 0.0", "0.0", ("restart-dies-afterwards",)),
    Rule("restart: none at all is remarked on", _VERDICTS, "restarted",
         "(*verdict.remarks, wording.NO_RESTART)", "verdict.remarks", ("restart-ignored",)),
    Rule("restart: the site is given time to show it", _VERDICTS, "restarted",
         "not over and now - back < max(10.0, 3 * longest)", "False", ("restart-shown-late",)),
    Rule("restart: one that only the machine shows is remarked on", _VERDICTS, "restarted",
         "verdict.message, (*verdict.remarks, remark)", "verdict.message, verdict.remarks", ("restart-not-shown",)),
    Rule("order: one that rests on the API's word alone is remarked on", "OcciLibrary.watch.restart_signs",
         "word_of_the_api_alone", "_answered_within(lane, dip.first, dip.last)", "False",
         ("restart-without-reboot without ssh",)),
    Rule("order: it must be the wanted one", _VERDICTS, "went_through", "if values == expected:", "if True:",
         ("restart-not-shown", "restart-through-suspended")),
    Rule("order: it may repeat itself", _VERDICTS, "went_through", "if _repeats(values, expected):", "if False:",
         ("restart-dips-twice",)),
    Rule("order: only whole repetitions count", _VERDICTS, "_repeats",
         "rounds >= 1 and list(values) == [*wanted, *list(wanted[1:]) * (rounds - 1)]", "True",
         ("restart-through-suspended", "restart-not-shown")),
    Rule("order: unknown words are left out", _READING, "known_runs", "value in KNOWN_STATES", "True", ("state-waiting",)),
    Rule("order: unknown words are remarked on", _VERDICTS, "went_through",
         "[wording.unknown_words(words)] if words else []", "[]", ("state-waiting",)),
    Rule("state: it must be the wanted one", _VERDICTS, "reached", "run is not None and run.value == wanted",
         "run is not None", ("suspend-ignored", "suspend-to-inactive")),
    Rule("state: it must stay so", _VERDICTS, "reached",
         "told and run.held(since) >= SETTLING.needed(began - since) and run.samples >= 2", "True", ("suspend-flashes",)),
    Rule("state: not reached in time is a failure", _VERDICTS, "reached", "return Verdict(Outcome.FAIL, wording.not_reached",
         "return Verdict(Outcome.PASS, wording.not_reached", ("suspend-ignored",)),
    Rule("state: error that lasts is a failure", _VERDICTS, "reached",
         'wanted != "error" and _error_persists(timeline, since, patience)', "False", ("suspend-to-error",)),
    Rule("down: the state must be inactive", _VERDICTS, "went_down",
         'state is not None and state.value == "inactive"', "state is not None", ("stop-not-reported",)),
    Rule("down: the machine must be silent", _VERDICTS, "went_down",
         "[_quiet(timeline, name) for name in PROBES if informs(timeline.lane(name))]", "[]", ("stop-machine-lives",)),
    Rule("down: an answering machine is not quiet", _VERDICTS, "_quiet", 'if run.value == "answers":', "if False:",
         ("stop-machine-lives",)),
    Rule("down: it must stay so", _VERDICTS, "went_down", "held >= SETTLING.needed(began - since) and twice", "True",
         ("stop-comes-back",)),
    Rule("down: not down in time is a failure", _VERDICTS, "went_down", "return Verdict(Outcome.FAIL, wording.not_down",
         "return Verdict(Outcome.PASS, wording.not_down", ("stop-ignored",)),
    Rule("down: error that lasts is a failure", _VERDICTS, "went_down", "_error_persists(timeline, since, patience)", "False",
         ("stop-to-error",)),
    Rule("changes: the same value is no change", _CHANGES, "compare",
         "c.after is None or same_value(c.before, c.after)", "c.after is None", ("cores-ignored", "hostname-not-stored")),
    Rule("changes: a value that is gone is no change", _CHANGES, "compare",
         "c.after is None or same_value(c.before, c.after)", "same_value(c.before, c.after)", ("memory-vanishes",)),
    Rule("changes: what did not change is a failure", _CHANGES, "Comparison.harm", "if self.unchanged:", "if False:",
         ("speed-ignored",)),
    Rule("changes: what nobody asked for is a failure", _CHANGES, "Comparison.harm",
         'c.name.startswith("occi.")', "False", ("update-changes-architecture", "update-changes-title")),
    Rule("changes: another value than asked for is remarked on", _CHANGES, "Comparison.remarks", "return other + ",
         "return () + ", ("memory-in-mib", "speed-rounded")),
    Rule("query: the VM must be listed", _COMPUTE, "ComputeKeywords.vm_should_be_listed", "if run.listed_vm(listed):",
         "if True:", ("vm-missing", "list-forgets-active")),
    Rule("query: the details must be the VM's own", _COMPUTE, "ComputeKeywords._fresh",
         "other_owner(resource, self._run.vm_url, self._run.listed)", '""', ("get-neighbour",)),
    Rule("query: the state must be the wanted one", _COMPUTE, "ComputeKeywords.get_vm_state",
         "verify_assertion(state, operator, expected,", "verify_assertion(state, None, expected,",
         ("state-always-active", "active-only-in-list")),
    Rule("query: the prerequisite must hold", _COMPUTE, "ComputeKeywords.skip_unless_vm_is_in_state", "if seen != wanted:",
         "if False:", ("start-ignored",)),
    Rule("query: a missing kind is remarked on", _COMPUTE, "ComputeKeywords._remark_on", "if resource.kind is None:", "if False:",
         ("get-without-kind",)),
    Rule("action: a refusal is a failure", _ACTIONS, "ActionKeywords._send", "self._refused(term + with_method, refusal)", "pass",
         ("restart-refused", "stop-refuses-graceful")),
    Rule("action: a lost answer is remarked on", _ACTIONS, "ActionKeywords._send", 'self._mark(f"no answer to {term}")', "return",
         ("weather-answer-to-start-lost",)),
    Rule("echo: every message must come back", _PROBES, "ProbeKeywords.echo_service_should_answer",
         "if report.answered and not report.problem:", "if report.connected:", ("echo-mute", "echo-closes-early")),
    Rule("echo: ignoring EXIT is remarked on", _PROBES, "ProbeKeywords.echo_service_should_answer", "if report.answered:\n            self",
         "if False:\n            self", ("echo-ignores-exit",)),
    Rule("echo: the prefix must be there", _ECHO, "_wrong", "if reply == message:", "if False:", ("echo-no-prefix",)),
    Rule("echo: the reply must end with the message", _ECHO, "_wrong", "if reply.endswith(message):", "if True:",
         ("echo-upper-case", "echo-previous", "echo-garbage")),
    Rule("echo: the reply must be a whole line", _ECHO, "_wrong", "if line.ending is not Ending.LINE:",
         'if line.ending is not Ending.LINE:\n        return ""\n    if False:', ("echo-mute", "echo-endless")),
    Rule("silence: an echo is a failure", _PROBES, "ProbeKeywords.echo_service_should_be_silent",
         "if report.exchanges and any(e.message and e.message in e.reply for e in report.exchanges):", "if False:",
         ("suspend-echo-lives", "suspend-echo-without-prefix")),
    Rule("silence: the VM must still be suspended", _PROBES, "ProbeKeywords.echo_service_should_be_silent",
         'if state != "suspended":', "if False:", ("suspended-on-one-node",)),
    Rule("machine: its own account can break a verdict", _ACTIONS, "_with_signs", "if signs.broken else verdict",
         "if False else verdict", ("resume-fresh-boot", "restart-without-reboot")),
    Rule("changes: a changed state is a failure", _COMPUTE, "ComputeKeywords._compared_patiently",
         "(self._state_change(after), result.harm)", '("", result.harm)', ("update-starts",)),
    Rule("changes: what is stored late is waited for", _COMPUTE, "ComputeKeywords._compared_patiently", "waited >= patience or",
         "True or", ("cores-stored-late",)),
    Rule("query: capitals are read as the wiki's words", "OcciLibrary.keywords.state_words", "read_word",
         "word.lower() if word.lower() in _KNOWN else word", "word", ("state-capitalised",)),
    Rule("query: an update whose answer was lost is repeated", _COMPUTE, "updated", "if not is_transient(problem):",
         "if True:", ("weather-answer-to-update-lost",)),
    Rule("cannot tell: nobody can connect", _VERDICTS, "cannot_tell",
         "tries >= 2 and (now - first >= patience or over)", "False", ("lost-in-restart",)),
    Rule("cannot tell: the login is refused", _VERDICTS, "cannot_tell",
         "last.value == LOGIN_REFUSED and last.samples >= 2 and last.last - last.first >= 1.0", "False",
         ("login-lost-in-restart",)),
    Rule("cannot tell: nobody could connect for a while", _VERDICTS, "went_through",
         "samples >= 3 and end - start >= 2.0", "False", ("away-in-restart",)),
    Rule("cannot tell: a site that takes requests is there", "OcciLibrary.keywords.guarding", "is_of_the_site",
         "return True", "return False", ("get-cuts",)),
    Rule("silence: an open port is remarked on", _PROBES, "ProbeKeywords.echo_service_should_be_silent", "if report.connected:",
         "if False:", ("suspend-port-open",)),
)  # fmt: skip


def differences(row: Row, seen: Seen) -> list[str]:
    """Returns the steps at which a run is not as the table says, verdict or words."""
    wrong = [step for step in STEPS if seen.letters.get(step) not in row.allowed(step)]
    for step, words in row.says.items():
        if step not in wrong and any(word not in seen.messages.get(step, "") for word in words):
            wrong.append(f"{step} (words)")
    return wrong


def _without(rule: Rule, row: Row, folder: Path) -> str:
    """Runs a row without a rule; returns what turned red, '' when nothing did."""
    seen = run(
        row, folder, "--listener", "tests.verdicts.rule_switch", environment={"OCCI_RULE_OFF": rule.name}
    )
    if not seen.letters or "Traceback" in seen.console:
        return f"could not run: {seen.console[-300:]}"
    wrong = differences(row, seen)
    return f"{row.name} at {', '.join(wrong)}" if wrong else ""


def check(rules: Sequence[Rule], folder: Path) -> list[str]:
    """Switches the rules off, some side by side; returns the names of those that nothing guards."""
    rows = {row.name: row for row in read_table()}

    def red(number: int, rule: Rule) -> tuple[Rule, str]:
        for guard in rule.guards:
            if found := _without(rule, rows[guard], folder / f"{number}-{guard}"):
                return rule, found
        return rule, ""

    unguarded = []
    with ThreadPoolExecutor(3) as pool:
        for rule, found in pool.map(red, range(len(rules)), rules):
            sys.stdout.write(
                f"{'red  ' if found else 'GREEN'}  {rule.name}: {found or 'nothing turned red'}\n"
            )
            sys.stdout.flush()
            if not found or found.startswith("could not"):
                unguarded.append(rule.name)
    return unguarded


def main() -> int:
    """Runs the check; the result is the exit status."""
    asked = sys.argv[1:]
    rules = [rule for rule in RULES if not asked or any(name in rule.name for name in asked)]
    with tempfile.TemporaryDirectory() as folder:
        unguarded = check(rules, Path(folder))
    sys.stdout.write(f"{len(rules) - len(unguarded)} of {len(rules)} rules are guarded.\n")
    return 1 if unguarded else 0


if __name__ == "__main__":
    sys.exit(main())
