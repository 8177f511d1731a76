"""Keywords that take the inventory of the VM and report who and what may get into it (wiki, Scenario 1, issues 1, 2 and 4)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from robot.api import SkipExecution, logger
from robot.api.deco import keyword
from robot.libraries.BuiltIn import BuiltIn

from OcciLibrary.keywords import machine_tables as tables
from OcciLibrary.keywords.compute_keywords import ComputeKeywords
from OcciLibrary.keywords.harmless import harmless
from OcciLibrary.keywords.session_keywords import SessionKeywords
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.probes import guest_audit as audit
from OcciLibrary.probes import guest_software as software
from OcciLibrary.probes import listening
from OcciLibrary.probes.guest_inventory import SYSTEM_QUESTIONS, read_inventory
from OcciLibrary.probes.guest_questions import answers, command_line

_ARCHITECTURE = "occi.compute.architecture"
_SECONDS = 30.0
_SLOW_SECONDS = 120.0  # package managers and thirty compilers, on a machine without hardware help
_MOST = 1024 * 1024
_T = TypeVar("_T")


class InventoryKeywords:
    """Asks the machine, over the ssh login of `Log In To The VM`, what it has and whom it lets in; changes nothing."""

    def __init__(self, run: SiteRun, compute: ComputeKeywords, session: SessionKeywords) -> None:
        self._run = run
        self._compute = compute
        self._session = session

    @keyword("Take The Inventory Of The VM", tags=["inventory"])
    def take_the_inventory_of_the_vm(self) -> str:
        """Takes the inventory of the VM: architecture, virtualisation, system, compilers, interpreters, well-known libraries.

        It asks as an ordinary user, without root and without changing anything. The inventory is a table in log.html, the test's
        message in one line, and a record in the output folder: ``inventory-SITE.json``, in a fixed order, so that two of them
        can be compared (docs/inventory.md has its schema).

        Returns:
            The path of the record.

        Raises:
            SkipExecution: when the machine does not tell what it is.

        Example:
        | Log In To The VM
        | Take The Inventory Of The VM
        """
        inventory = read_inventory(
            self._output(SYSTEM_QUESTIONS, _SECONDS),
            self._output(software.TOOL_QUESTIONS, _SLOW_SECONDS),
            self._output(software.PACKAGE_QUESTIONS, _SLOW_SECONDS),
        )
        if not inventory.anything:
            raise SkipExecution(
                "Not run: the machine does not tell what it is, neither by uname nor by /etc/os-release."
            )
        said = self._compute.get_vm_attribute(_ARCHITECTURE)
        architecture = "" if said is None else str(said)
        logger.info(tables.inventory_table(inventory, architecture), html=True)
        site = self._run.site or "site"
        record = masked(tables.inventory_record(inventory, site, architecture))
        path = Path(str(BuiltIn().get_variable_value("${OUTPUT DIR}"))) / f"inventory-{_file_name(site)}.json"
        path.write_text(record, "utf-8")
        self._tell(f"{tables.inventory_line(inventory)}. Record: {path.name}.")
        return str(path)

    @keyword("Report What Listens In The VM", tags=["audit"])
    def report_what_listens_in_the_vm(self) -> None:
        """Reports the ports on which the VM listens, without a verdict.

        It reads the kernel's tables (or ss, or netstat). Addresses are not told, only from where a port can be reached.

        Raises:
            SkipExecution: when the machine does not tell.

        Example:
        | Log In To The VM
        | Report What Listens In The VM
        """
        found = listening.listeners(self._answers(listening.QUESTIONS))
        self._report(found, "what listens", tables.listening_table, tables.listening_line)

    @keyword("Report Who May Log In To The VM", tags=["audit"])
    def report_who_may_log_in_to_the_vm(self) -> None:
        """Reports the VM's accounts with a shell, how many public keys open each, and the ssh server's settings, without a verdict.

        Only what the user may read is told; keys are counted and never read out.

        Raises:
            SkipExecution: when the machine does not tell its accounts.

        Example:
        | Log In To The VM
        | Report Who May Log In To The VM
        """
        found = audit.read_logins(self._answers(audit.ACCOUNT_QUESTIONS))
        self._report(found, "its accounts", tables.logins_table, tables.logins_line)

    @keyword("Report The Sudo Rights In The VM", tags=["audit"])
    def report_the_sudo_rights_in_the_vm(self) -> None:
        """Reports what the user may do as root: groups that become root, and what ``sudo -n -l`` says, without a verdict.

        Raises:
            SkipExecution: when the machine does not tell who the user is.

        Example:
        | Log In To The VM
        | Report The Sudo Rights In The VM
        """
        found = audit.read_rights(self._answers(audit.SUDO_QUESTIONS))
        self._report(found, "who the user is", tables.rights_table, tables.rights_line)

    @keyword("Report Pending Updates Of The VM", tags=["audit"])
    def report_pending_updates_of_the_vm(self) -> None:
        """Reports which updates the VM's package manager knows of (apt, apk, dnf), those for security first, without a verdict.

        It asks the machine's own lists, without network and without changing anything; how old they are is told.

        Raises:
            SkipExecution: when the machine has none of these package managers, or it has no lists.

        Example:
        | Log In To The VM
        | Report Pending Updates Of The VM
        """
        said = self._answers(audit.UPDATE_QUESTIONS, _SLOW_SECONDS)
        found = audit.read_updates(said, self._answers(audit.DNF_QUESTIONS, _SLOW_SECONDS))
        what = "its pending updates: it has neither apt, apk nor dnf, or they have never fetched their lists"
        self._report(found, what, tables.updates_table, tables.updates_line)

    def _report(
        self, found: _T | None, what: str, table: Callable[[_T], str], line: Callable[[_T], str]
    ) -> None:
        if found is None:
            raise SkipExecution(f"Not run: the machine does not tell {what}.")
        logger.info(table(found), html=True)
        self._tell(line(found))

    def _tell(self, line: str) -> None:
        BuiltIn().set_test_message(harmless(line))

    def _answers(self, questions: Mapping[str, str], seconds: float = _SECONDS) -> dict[str, list[str]]:
        return answers(self._output(questions, seconds), questions)

    def _output(self, questions: Mapping[str, str], seconds: float) -> bytes:
        ran = self._session.command(command_line(questions), seconds, _MOST)
        if ran.problem:
            logger.info(f"Of the {len(questions)} questions not all were answered: {ran.problem}.")
        return ran.output


def _file_name(site: str) -> str:
    return re.sub(r"[^\w.-]+", "-", site)[:80]
