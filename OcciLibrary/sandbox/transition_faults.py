"""Faults of what the VM does when it is started, restarted, suspended, resumed or stopped, and of what is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.exchange import RefusedError
from OcciLibrary.sandbox.fault import Fault, fixed
from OcciLibrary.sandbox.transitions import (
    Plan,
    Step,
    boot,
    boot_with_echo,
    resume,
    resume_with_echo,
    show,
    shut_down,
    suspend,
    suspend_with_echo,
    wait,
    wait_seconds,
    warm_up,
)
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

Attributes = Mapping[str, AttributeValue]
SLOW = 100.0  # times the usual time of a transition
BLOCKED_SECONDS = 60.0


def _does(transition: str, *steps: Step, reached: str = "") -> Conduct:
    return Conduct(plans={transition: Plan(steps, reached)})


def _refuses(
    transition: str,
    status: HTTPStatus,
    words: str,
    method: str = "",
    when: Callable[[str], bool] = lambda state: True,
) -> Conduct:
    """Returns the conduct of a site that refuses an action, with ``method`` only when it is asked for by that method."""

    def invoked(vm: VirtualMachine, term: str, attributes: Attributes) -> None:
        right_method = not method or attributes.get("method") == method
        if term == transition and right_method and when(vm.snapshot().state):
            raise RefusedError(status, words)

    return Conduct(invoked=invoked)


def _blocks(transition: str) -> Conduct:
    """Returns the conduct of a site that answers an action only when all is done."""

    def performed(vm: VirtualMachine, term: str, attributes: Attributes) -> None:
        if term == transition:
            vm.wait_until_settled(BLOCKED_SECONDS)

    return Conduct(performed=performed)


def _dips_for(seconds: float) -> Conduct:
    """Returns the conduct of a site that shows inactive only for so long, and active while the machine still boots."""
    dip = (show("inactive"), wait_seconds(seconds), show("active"))
    return _does("restart", warm_up, wait(1 / 4), shut_down, *dip, wait(3 / 4), boot, reached="active")


_FORBIDDEN, _BROKEN, _NOT_OFFERED = (
    HTTPStatus.FORBIDDEN,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.NOT_IMPLEMENTED,
)
_NO_METHOD = "This method is not supported."


def _is_suspended(state: str) -> bool:
    return state == "suspended"


def _is_inactive(state: str) -> bool:
    return state == "inactive"


START_FAULTS = (
    fixed("start-refused", "The action start is refused with 403.", "3.2",
          _refuses("start", _FORBIDDEN, "You may not start this VM.", when=_is_inactive)),
    fixed("start-not-offered", "The action start is answered 501.", "3.2",
          _refuses("start", _NOT_OFFERED, "There is no action start.", when=_is_inactive)),
    fixed("start-broken", "The action start ends in 500.", "3.2",
          _refuses("start", _BROKEN, "libvirtError", when=_is_inactive)),
    fixed("start-ignored", "The action start is answered 200 and does nothing.", "3.3", _does("start")),
    fixed("start-no-machine", "The VM is reported active, but its machine never comes up.", "3.3",
          _does("start", wait(), reached="active")),
    fixed("start-not-reported", "The machine comes up, but the VM is still reported inactive.", "3.3",
          _does("start", warm_up, wait(), boot, reached="inactive")),
    fixed("start-falls-back", "The VM comes up and falls back to inactive at once.", "3.3",
          _does("start", warm_up, wait(), boot, show("active"), wait_seconds(0.02), shut_down, reached="inactive")),
    fixed("start-to-error", "The start ends in state error.", "3.3", _does("start", wait(), reached="error")),
    fixed("start-to-suspended", "The start ends in state suspended.", "3.3",
          _does("start", warm_up, wait(), boot, suspend, reached="suspended")),
    fixed("start-hangs-in-waiting", "The start ends in a state 'waiting'.", "3.3", _does("start", wait(), reached="waiting")),
    fixed("start-slow", f"A start takes {SLOW:g} times as long as it should.", "3.3",
          _does("start", warm_up, wait(SLOW), boot, reached="active")),
    fixed("start-blocking", "The action start is answered only when the VM is up.", "3.3", _blocks("start")),
    fixed("start-port-opens-briefly", "The started VM answers nonsense for a moment and falls silent.", "3.3",
          _does("start", warm_up, wait(), boot_with_echo("garbage"), show("active"), wait_seconds(0.5), suspend, reached="active")),
    fixed("start-echo-closed", "The VM starts, but nothing listens on the echo service's port.", "3.4",
          _does("start", warm_up, wait(), boot_with_echo("closed"), reached="active")),
)  # fmt: skip

RESTART_FAULTS = (
    fixed("restart-refused", "The action restart is refused with 403.", "4.2",
          _refuses("restart", _FORBIDDEN, "You may not restart this VM.")),
    fixed("restart-not-offered", "The action restart is answered 501.", "4.2",
          _refuses("restart", _NOT_OFFERED, "There is no action restart.")),
    fixed("restart-refuses-warm", "The action restart is refused with 400 when its method is warm.", "4.2",
          _refuses("restart", HTTPStatus.BAD_REQUEST, _NO_METHOD, "warm")),
    fixed("restart-ignored", "The action restart is answered 200 and does nothing.", "4.4", _does("restart")),
    fixed("restart-not-shown", "The machine reboots, but the VM is reported active all the time.", "4.4",
          _does("restart", warm_up, wait(1 / 4), shut_down, wait(3 / 4), boot, reached="active")),
    fixed("restart-without-reboot", "The VM is reported inactive and active again, but its machine never reboots.", "4.4",
          _does("restart", wait(1 / 4), show("inactive"), wait(3 / 4), reached="active")),
    fixed("restart-ends-inactive", "The VM goes down in a restart and does not come back.", "4.3",
          _does("restart", wait(1 / 4), shut_down, reached="inactive")),
    fixed("restart-loses-machine", "After a restart the VM is reported active, but its machine is gone.", "4.3",
          _does("restart", wait(1 / 4), shut_down, show("inactive"), wait(3 / 4), reached="active")),
    fixed("restart-stays-reported-inactive", "The machine reboots, but the VM is reported inactive from then on.", "4.3",
          _does("restart", warm_up, wait(1 / 4), shut_down, show("inactive"), wait(3 / 4), boot, reached="inactive")),
    fixed("restart-through-suspended", "The VM goes through suspended instead of inactive in a restart.", "4.4",
          _does("restart", warm_up, wait(1 / 4), shut_down, show("suspended"), wait(3 / 4), boot, reached="active")),
    fixed("restart-through-suspended-too", "The VM goes through suspended and inactive in a restart.", "4.4",
          _does("restart", warm_up, wait(1 / 4), show("suspended"), wait(1 / 4), shut_down, show("inactive"), wait(1 / 2),
                boot, reached="active")),
    fixed("restart-to-error", "A restart ends in state error.", "4.3",
          _does("restart", wait(1 / 4), shut_down, show("inactive"), wait(1 / 4), reached="error")),
    fixed("restart-slow", f"A restart takes {SLOW:g} times as long as it should.", "4.3",
          _does("restart", warm_up, wait(1 / 4), shut_down, show("inactive"), wait(SLOW), boot, reached="active")),
    fixed("restart-shown-late", "The machine reboots at once; the VM is reported inactive a second later.", "4.4",
          _does("restart", warm_up, shut_down, boot, wait_seconds(1.0), show("inactive"), wait_seconds(0.3), reached="active")),
    fixed("restart-dies-afterwards", "After a short dip in a restart the VM is reported active, and its machine dies.", "4.3",
          _does("restart", show("inactive"), wait(1 / 2), show("active"), wait_seconds(1.0), shut_down, reached="active")),
    fixed("restart-kills-machine", "The VM is reported active all the time in a restart, and its machine is gone.", "4.3",
          _does("restart", wait(1 / 4), shut_down, reached="active")),
    fixed("restart-dips-twice", "The VM restarts twice at one action.", "4.4",
          _does("restart", warm_up, wait(1 / 4), shut_down, show("inactive"), wait(1 / 2), show("active"), wait(1 / 4),
                show("inactive"), wait(1 / 2), boot, reached="active")),
    fixed("restart-dips-20-ms", "A restart is shown for 20 ms only.", "4.4", _dips_for(0.020)),
    fixed("restart-dips-5-ms", "A restart is shown for 5 ms only.", "4.4", _dips_for(0.005)),
    fixed("restart-blocking", "The action restart is answered only when the whole restart is over.", "4.4", _blocks("restart")),
    fixed("restart-breaks-echo", "After a restart the echo service accepts connections and says nothing.", "4.5",
          _does("restart", warm_up, wait(1 / 4), shut_down, show("inactive"), wait(3 / 4), boot_with_echo("mute"),
                reached="active")),
    fixed("restart-closes-echo-early", "After a restart the echo service closes after one answer.", "4.5",
          _does("restart", warm_up, wait(1 / 4), shut_down, show("inactive"), wait(3 / 4), boot_with_echo("closes-early"),
                reached="active")),
)  # fmt: skip

SUSPEND_FAULTS = (
    fixed("suspend-refused", "The action suspend is refused with 403.", "5.2",
          _refuses("suspend", _FORBIDDEN, "You may not suspend this VM.")),
    fixed("suspend-not-offered", "The action suspend is answered 501.", "5.2",
          _refuses("suspend", _NOT_OFFERED, "There is no action suspend.")),
    fixed("suspend-refuses-hibernate", "The action suspend is refused with 400 when its method is hibernate.", "5.2",
          _refuses("suspend", HTTPStatus.BAD_REQUEST, _NO_METHOD, "hibernate")),
    fixed("suspend-ignored", "The action suspend is answered 200 and does nothing.", "5.3", _does("suspend")),
    fixed("suspend-to-inactive", "A suspend ends in state inactive.", "5.3",
          _does("suspend", wait(), shut_down, reached="inactive")),
    fixed("suspend-not-reported", "The machine falls silent, but the VM is still reported active.", "5.3",
          _does("suspend", wait(), suspend, reached="active")),
    fixed("suspend-flashes", "The VM shows suspended for a moment and is active again.", "5.3",
          _does("suspend", wait(), show("suspended"), wait_seconds(0.02), reached="active")),
    fixed("suspend-to-error", "A suspend ends in state error.", "5.3", _does("suspend", wait(), shut_down, reached="error")),
    fixed("suspend-slow", f"A suspend takes {SLOW:g} times as long as it should.", "5.3",
          _does("suspend", wait(SLOW), suspend, reached="suspended")),
    fixed("suspend-echo-lives", "The VM is reported suspended while its echo service still answers.", "5.4",
          _does("suspend", wait(), reached="suspended")),
    fixed("suspend-echo-without-prefix", "While suspended, something echoes every line without a prefix.", "5.4",
          _does("suspend", wait(), suspend_with_echo("no-prefix"), reached="suspended")),
    fixed("suspend-port-open", "While suspended, the echo service's port takes connections and says nothing.", "5.4",
          _does("suspend", wait(), suspend_with_echo("mute"), reached="suspended")),
)  # fmt: skip

RESUME_FAULTS = (
    fixed("resume-refused", "The action start is refused with 403 while the VM is suspended.", "5.5",
          _refuses("start", _FORBIDDEN, "You may not resume this VM.", when=_is_suspended)),
    fixed("resume-not-offered", "The action start is answered 501 while the VM is suspended.", "5.5",
          _refuses("start", _NOT_OFFERED, "Use resume instead.", when=_is_suspended)),
    fixed("resume-ignored", "A start of the suspended VM is answered 200 and does nothing.", "5.6", _does("resume")),
    fixed("resume-not-reported", "The machine goes on, but the VM is still reported suspended.", "5.6",
          _does("resume", wait(), resume, reached="suspended")),
    fixed("resume-dead-network", "The VM is reported active again, but its machine stays silent.", "5.6",
          _does("resume", wait(), reached="active")),
    fixed("resume-to-inactive", "A resume ends in state inactive.", "5.6",
          _does("resume", wait(), shut_down, reached="inactive")),
    fixed("resume-fresh-boot", "The suspended VM boots afresh: what it had in memory is lost.", "5.6",
          _does("resume", warm_up, wait(), shut_down, boot, reached="active")),
    fixed("resume-slow", f"A resume takes {SLOW:g} times as long as it should.", "5.6",
          _does("resume", wait(SLOW), resume, reached="active")),
    fixed("resume-breaks-echo", "After a resume the echo service answers with garbage.", "5.7",
          _does("resume", wait(), resume_with_echo("garbage"), reached="active")),
    fixed("resume-echo-goes-mute", "After a resume the echo service answers only the first message.", "5.7",
          _does("resume", wait(), resume_with_echo("mute-after-first"), reached="active")),
)  # fmt: skip

STOP_FAULTS = (
    fixed("stop-refused", "The action stop is refused with 403.", "6.4",
          _refuses("stop", _FORBIDDEN, "You may not stop this VM.")),
    fixed("stop-not-offered", "The action stop is answered 501.", "6.4",
          _refuses("stop", _NOT_OFFERED, "There is no action stop.")),
    fixed("stop-refuses-graceful", "The action stop is refused with 400 when its method is graceful.", "6.4",
          _refuses("stop", HTTPStatus.BAD_REQUEST, _NO_METHOD, "graceful")),
    fixed("stop-ignored", "The action stop is answered 200 and does nothing.", "6.5", _does("stop")),
    fixed("stop-to-suspended", "A stop ends in state suspended.", "6.5", _does("stop", wait(), suspend, reached="suspended")),
    fixed("stop-machine-lives", "The VM is reported inactive while its machine goes on.", "6.5",
          _does("stop", wait(), reached="inactive")),
    fixed("stop-not-reported", "The machine is switched off, but the VM is still reported active.", "6.5",
          _does("stop", wait(), shut_down, reached="active")),
    fixed("stop-to-error", "A stop ends in state error.", "6.5", _does("stop", wait(), shut_down, reached="error")),
    fixed("stop-comes-back", "The VM stops and is started again at once.", "6.5",
          _does("stop", warm_up, wait(), shut_down, show("inactive"), wait_seconds(0.02), show("active"), boot,
                reached="active")),
    fixed("stop-slow", f"A stop takes {SLOW:g} times as long as it should.", "6.5",
          _does("stop", wait(SLOW), shut_down, reached="inactive")),
)  # fmt: skip

TRANSITION_FAULTS: tuple[Fault, ...] = (
    *START_FAULTS, *RESTART_FAULTS, *SUSPEND_FAULTS, *RESUME_FAULTS, *STOP_FAULTS,
)  # fmt: skip
