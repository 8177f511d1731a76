"""Keywords that look into the VM and hold it against what OCCI says of it (wiki, Scenario 1, "Reference VM")."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from enum import Enum

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.compute_keywords import ComputeKeywords
from OcciLibrary.keywords.guarding import judged
from OcciLibrary.keywords.guest_signs import guest_login
from OcciLibrary.keywords.session_keywords import SessionKeywords
from OcciLibrary.keywords.site_run import SiteRun, StepFailed
from OcciLibrary.occi.attribute_changes import same_value
from OcciLibrary.occi.known_servers import memory_is_in_mib
from OcciLibrary.occi.model import AttributeValue, Resource
from OcciLibrary.occi.transport import pause
from OcciLibrary.probes.guest import glance_at_guest
from OcciLibrary.probes.guest_agreement import (
    Agreement,
    architecture_agrees,
    cores_agree,
    hostname_agrees,
    memory_agrees,
    speed_told,
)
from OcciLibrary.probes.guest_facts import QUESTION, GuestFacts, read_facts

_BETWEEN_LOOKS = 1.0
_HOSTNAME = "occi.compute.hostname"
_GLANCE, _GLANCE_AFAR = 2.0, 10.0  # seconds for one login: ssh servers may look up names first
_GOING_DOWN = 10.0


class MachineProperty(Enum):
    """What of a machine can be held against OCCI: an attribute occi.compute.NAME (GFD.184 §3.1)."""

    cores = "cores"
    memory = "memory"
    hostname = "hostname"
    architecture = "architecture"
    speed = "speed"

    @property
    def attribute(self) -> str:
        """Returns the name of the OCCI attribute."""
        return f"occi.compute.{self.value}"


_COMPARED: Mapping[MachineProperty, Callable[[object, GuestFacts], Agreement]] = {
    MachineProperty.cores: cores_agree,
    MachineProperty.hostname: hostname_agrees,
    MachineProperty.architecture: architecture_agrees,
    MachineProperty.speed: speed_told,
}


class MachineKeywords:
    """Compares the machine with OCCI, over the ssh login of `Log In To The VM`."""

    def __init__(self, run: SiteRun, compute: ComputeKeywords, session: SessionKeywords) -> None:
        self._run = run
        self._compute = compute
        self._session = session
        self._before: dict[str, AttributeValue | None] = {}
        self._refused: dict[str, str] = {}

    @keyword("Machine Should Agree With OCCI", tags=["reference VM"])
    def machine_should_agree_with_occi(self, what: MachineProperty) -> None:
        """Fails if the machine has other cores, memory, hostname or architecture inside than OCCI says.

        It asks the site and, over ssh, the machine. The tolerances:
        - cores: none; one of the machine's two counts (for programs, in the kernel) must be OCCI's number.
        - memory: the kernel takes a part before it counts, so that `free` shows 85 to 90 % in a small VM. So the blocks of memory
          that the kernel manages are summed up, which are rounded up by one block (128 MiB mostly), and may be 7 % less where a
          site counts decimal GB. A machine that does not tell of its blocks must show 75 % (less 64 MiB) to 102 %.
        - hostname: capitals do not matter, and where one of the two has no domain the first label is compared.
        - architecture: an x64 machine that is said to be x86 is a remark.
        - speed: only told in the log, for a VM runs at the speed of its host.

        What the site or the machine does not tell skips the test.

        Args:
            what: cores, memory, hostname, architecture or speed.

        Raises:
            StepFailed: says what OCCI says and what the machine has.

        Example:
        | Log In To The VM
        | Machine Should Agree With OCCI    memory
        """
        resource, facts = self._both()
        said = resource.attributes.get(what.attribute)
        agreement = self._compared(what, said, facts, resource)
        words = f"OCCI says {what.attribute}={said!r}, and {agreement.told}"
        if agreement.agrees is None:
            raise SkipExecution(f"Not run: {what.value} cannot be compared, for {agreement.told}.")
        if agreement.remark:
            self._run.remark(agreement.remark)
        if not agreement.agrees:
            raise StepFailed(
                f"Expected that the machine has inside what OCCI says of it. Seen: {words}. {self.advice(facts.hostname, resource)}"
            )
        logger.info(f"{words}.")

    @keyword("Change VM Attributes Where The Site Takes It", tags=["change"])
    def change_where_the_site_takes_it(self, *what: MachineProperty) -> None:
        """Changes attributes of the VM to other values, as test case 2 does, and goes on where the site refuses one.

        What the site refuses is for test case 2 to judge; `Changed Attribute Should Be In The Machine` then skips. It skips the
        test when every change is refused.

        Args:
            what: any of cores, memory, hostname, architecture, speed.

        Example:
        | Change VM Attributes Where The Site Takes It    cores    memory    hostname
        """
        self._before, self._refused = {}, {}
        with judged(self._run, "the details of the VM"):
            before = self._run.query()
        for one in what:
            try:
                self._compute.change_vm_attribute(one.attribute)
            except StepFailed as problem:
                self._refused[one.attribute] = str(problem)
                self._run.case.asked.pop(one.attribute, None)
                logger.info(f"{one.attribute} stays as it is: {problem}")
            else:
                self._before[one.attribute] = before.attributes.get(one.attribute)
        if not self._before:
            raise SkipExecution(f"Not run: test case 2 judges that. {' '.join(self._refused.values())}")

    @keyword("Changed Attribute Should Be In The Machine", tags=["reference VM"])
    def changed_attribute_should_be_in_the_machine(self, what: MachineProperty) -> None:
        """Fails if an attribute that was changed while the VM was inactive is not in the machine after its start.

        The machine is compared with what OCCI says now, as by `Machine Should Agree With OCCI`. It skips the test when the site
        refused the change, or when OCCI shows the old value: test case 2 judges that.

        Args:
            what: cores, memory, hostname or architecture.

        Raises:
            StepFailed: says what OCCI says, what it said before, and what the machine has.

        Example:
        | Have The VM In State    inactive
        | Change VM Attributes Where The Site Takes It    cores
        | Have The VM In State    active
        | Log In To The VM
        | Changed Attribute Should Be In The Machine    cores
        """
        name = what.attribute
        if name not in self._before:
            raise SkipExecution(f"Not run: {name} was not changed. {self._refused.get(name, '')}".rstrip())
        resource, facts = self._both()
        before, said = self._before[name], resource.attributes.get(name)
        if same_value(before, said):
            raise SkipExecution(
                f"Not run: the site took the change of {name}, but OCCI still shows {said!r}; test case 2 judges that."
            )
        agreement = self._compared(what, said, facts, resource)
        if agreement.agrees is None:
            raise SkipExecution(f"Not run: {what.value} cannot be compared, for {agreement.told}.")
        words = f"OCCI says {name}={said!r} (before the change {before!r}), and {agreement.told}"
        if not agreement.agrees:
            as_before = self._compared(what, before, facts, resource).agrees
            old = (
                " That is what it had before: the change was stored, but never reached the machine."
                if as_before
                else ""
            )
            raise StepFailed(
                f"Expected that the change is in the machine after its start. Seen: {words}.{old} "
                f"{self.advice(facts.hostname, resource, what)}"
            )
        logger.info(f"{words}.")

    @keyword("Login To The VM Should Be Silent", tags=["reference VM"])
    def login_should_be_silent(self) -> None:
        """Fails if the ssh login still lets the user in though the VM is inactive or suspended.

        Then the machine was not really stopped, or the login of the site file leads into another machine. One that goes silent
        only within 10 seconds after the site said so (or `${TRANSITION_TIMEOUT}` where that is less) is a remark.

        Raises:
            StepFailed: says what the machine that answered calls itself, and its boot id.

        Example:
        | Have The VM In State    inactive
        | Login To The VM Should Be Silent
        """
        login = guest_login(self._run.site_settings())
        if login is None:
            raise SkipExecution("Not run: the site file gives no login to the VM.")
        began = time.monotonic()
        going_down = min(_GOING_DOWN, self._run.site_settings().transition_timeout)
        seconds = _GLANCE if self._run.is_embedded else _GLANCE_AFAR
        account = glance_at_guest(login, seconds)
        if account.problem:
            logger.info(f"Nobody is let in: {account.problem}")
            return
        while not account.problem and time.monotonic() < began + going_down:
            pause(_BETWEEN_LOOKS)
            account = glance_at_guest(login, seconds)
        if account.problem:
            self._run.remark(
                f"The machine let the user in for up to {time.monotonic() - began:.0f} s after the site said that it is not active."
            )
            return
        with judged(self._run, "the details of the VM"):
            resource = self._run.query()
        raise StepFailed(
            f"Expected that nobody can log in to the VM while it is '{resource.attributes.get('occi.compute.state')}'. Seen: "
            f"{login.where} lets the user in, to a machine that calls itself '{account.hostname}' (boot id {account.boot_id[:8]}). "
            f"{self.advice(account.hostname, resource)}"
        )

    def advice(self, hostname: str, resource: Resource, changed: MachineProperty | None = None) -> str:
        """Says what to look at first: a login that leads into another machine makes all else wrong."""
        said = str(resource.attributes.get(_HOSTNAME, ""))
        ask = "Ask the site's admin whether the machine is what OCCI says."
        other = hostname and said and not hostname_agrees(said, GuestFacts(hostname=hostname)).agrees
        if not other or changed is MachineProperty.hostname or _HOSTNAME in self._before:
            return ask
        return (
            f"(The machine calls itself '{hostname[:80]}', OCCI calls the VM '{said[:80]}': first check whether ${{SSH_HOST}} and "
            f"${{SSH_PORT}} in {self._run.file} lead into this VM.) {ask}"
        )

    def _compared(
        self, what: MachineProperty, said: AttributeValue | None, facts: GuestFacts, resource: Resource
    ) -> Agreement:
        if what is MachineProperty.memory:
            return memory_agrees(said, facts, memory_is_in_mib(self._run.client.known_server, resource))
        return _COMPARED[what](said, facts)

    def _both(self) -> tuple[Resource, GuestFacts]:
        with judged(self._run, "the details of the VM"):
            resource = self._run.query()
        ran = self._session.command(QUESTION)
        facts = read_facts(ran.output)
        if not facts.anything:
            why = ran.problem or "it tells nothing of itself"
            raise StepFailed(f"Expected that the machine tells what it has, but {why}.")
        return resource, facts
