"""What a VM does in a transition, step by step: the healthy plans, and the steps that a fault's plan is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


class Driven(Protocol):
    """What a step does to a VM: show a state, let time pass, and drive the real machine."""

    def show(self, state: str) -> None:
        """Shows a state to whoever asks."""

    def let_pass(self, seconds: float) -> None:
        """Waits, but not longer than the site lives."""

    def transition_seconds(self) -> float:
        """Returns how long a transition of this site takes."""

    def warm_up(self) -> None:
        """Begins a machine process that boots later."""

    def boot(self, echo: str) -> None:
        """Boots the machine; ``echo`` names how its echo service misbehaves ('': not at all)."""

    def end_machine(self) -> None:
        """Ends the machine."""

    def order(self, action: str, echo: str) -> None:
        """Gives the machine an order: suspend or resume, or what else its engine knows."""


Step = Callable[[Driven], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one transition, and the state shown when they are done ('': the one shown by then)."""

    steps: tuple[Step, ...]
    reached: str = ""


def wait(share: float = 1.0) -> Step:
    """Returns a step that takes a share of the site's transition time."""
    return lambda vm: vm.let_pass(share * vm.transition_seconds())


def wait_seconds(seconds: float) -> Step:
    """Returns a step that takes so long, whatever a transition takes at this site."""
    return lambda vm: vm.let_pass(seconds)


def show(state: str) -> Step:
    """Returns a step that shows a state."""
    return lambda vm: vm.show(state)


def warm_up(vm: Driven) -> None:
    """Begins the next machine process, which takes a moment to load."""
    vm.warm_up()


def boot(vm: Driven) -> None:
    """Boots the machine."""
    vm.boot("")


def boot_with_echo(echo: str) -> Step:
    """Returns a step that boots the machine with an echo service that misbehaves."""
    return lambda vm: vm.boot(echo)


def shut_down(vm: Driven) -> None:
    """Ends the machine."""
    vm.end_machine()


def suspend(vm: Driven) -> None:
    """Lets the machine fall silent and keep its memory."""
    vm.order("suspend", "")


def suspend_with_echo(echo: str) -> Step:
    """Returns a step that suspends the machine but leaves an echo service open that misbehaves."""
    return lambda vm: vm.order("suspend", echo)


def resume(vm: Driven) -> None:
    """Lets the machine go on where it was."""
    vm.order("resume", "")


def resume_with_echo(echo: str) -> Step:
    """Returns a step that resumes the machine with an echo service that misbehaves."""
    return lambda vm: vm.order("resume", echo)


HEALTHY_PLANS: Mapping[str, Plan] = {
    "start": Plan((warm_up, wait(), boot), "active"),
    "stop": Plan((wait(), shut_down), "inactive"),
    "restart": Plan((warm_up, wait(1 / 4), shut_down, show("inactive"), wait(3 / 4), boot), "active"),
    "suspend": Plan((wait(), suspend), "suspended"),
    "resume": Plan((wait(), resume), "active"),
}
