"""The keyword library class: puts the keyword groups together for Robot Framework."""

from __future__ import annotations

import contextlib
from pathlib import Path

from robot.libraries.BuiltIn import BuiltIn, RobotNotRunningError
from robotlibcore import DynamicCore

from OcciLibrary import __version__
from OcciLibrary.keywords.action_keywords import ActionKeywords
from OcciLibrary.keywords.clock_keywords import ClockKeywords
from OcciLibrary.keywords.compute_keywords import ComputeKeywords
from OcciLibrary.keywords.conformance_1_2_keywords import Conformance12Keywords
from OcciLibrary.keywords.conformance_creating import ConformanceCreating
from OcciLibrary.keywords.conformance_entities import EntityReader
from OcciLibrary.keywords.conformance_keywords import ConformanceKeywords
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.core_model_keywords import CoreModelKeywords
from OcciLibrary.keywords.creating import Creating
from OcciLibrary.keywords.discussion_keywords import DiscussionKeywords
from OcciLibrary.keywords.http_change_keywords import HttpChangeKeywords
from OcciLibrary.keywords.http_collection_keywords import HttpCollectionKeywords
from OcciLibrary.keywords.http_negotiation_keywords import HttpNegotiationKeywords
from OcciLibrary.keywords.image_keywords import ImageKeywords
from OcciLibrary.keywords.infrastructure_keywords import InfrastructureKeywords
from OcciLibrary.keywords.inventory_keywords import InventoryKeywords
from OcciLibrary.keywords.json_rendering_keywords import JsonRenderingKeywords
from OcciLibrary.keywords.listener import RunListener
from OcciLibrary.keywords.machine_keywords import MachineKeywords
from OcciLibrary.keywords.masking import FIRST, LAST, MaskingListener
from OcciLibrary.keywords.new_vm_keywords import NewVmKeywords
from OcciLibrary.keywords.probe_keywords import ProbeKeywords
from OcciLibrary.keywords.session_keywords import SessionKeywords
from OcciLibrary.keywords.site_file import site_names
from OcciLibrary.keywords.site_file_text import secrets_in_text
from OcciLibrary.keywords.site_keywords import SiteKeywords
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.keywords.software_keywords import SoftwareKeywords
from OcciLibrary.keywords.state_keywords import StateKeywords
from OcciLibrary.keywords.text_rendering_keywords import TextRenderingKeywords
from OcciLibrary.keywords.trace_keywords import TraceKeywords
from OcciLibrary.keywords.user_mixin_keywords import UserMixinKeywords
from OcciLibrary.keywords.vm_commands import VmCommands
from OcciLibrary.occi.known_secrets import learn


class OcciLibrary(DynamicCore):
    """OcciLibrary tests the OCCI interface of a cloud site on one virtual machine that the site provisioned.

    It serves the *agreed test cases* of the EGI Federated Cloud Task Force (Scenario 1, "Running a pre-defined VM
    image"): list and query the VM, change its attributes, start, restart, suspend and resume, stop it, each
    checked from the outside through the echo service in the VM. The suites in `suites/` use these keywords through
    `resources/occi.resource`, which words them as the task force's wiki does. Other keywords look into the VM over ssh
    (`Machine Should Agree With OCCI`, `Machine Should Have Booted Anew`, `Clocks Should Agree`).

    = Site =

    A site is one file in `resources/sites/`. It holds variables only; `TEMPLATE.resource` explains each. The
    site is chosen with `robot --variable SITE:NAME suites/` or the environment variable `OCCI_SITE`.

    = What it does to your VM =

    It acts on the VM that `${VM_ID}` names and on nothing else. `Prepare The Site` writes down the VM's state and
    attributes, `Leave The VM As It Was Found` puts them back. It creates VMs and images only where `${MAY_CREATE}` is
    True, and deletes nothing but what it created.

    = Verdicts =

    | =Verdict= | =In the log= | =Meaning= |
    | pass | PASS | The wiki's condition held. |
    | pass with remark | PASS, tag ``remark`` | It held, and the site deviates from the OCCI text in a way that did no harm. |
    | fail | FAIL | The site broke the condition. |
    | not run | SKIP | A prerequisite does not hold, or an earlier step failed. |
    | cannot tell | FAIL, tag ``tester-side`` | Credentials, network or site file: nothing was learned about the site. |

    = The watch =

    `Invoke Action` starts a *watch* before it sends the action: it asks for the VM's OCCI state, the echo service and
    ping side by side, on connections of their own, until a keyword such as `VM Should Start Up` reaches its
    verdict. What was seen is drawn under the test in log.html.

    = Secrets =

    Passwords and tokens are Robot Framework ``Secret`` values that come from the environment. The library writes
    ``<secret>`` in the place of each, and of what is derived from it, whatever keyword of whatever library logs it, at
    every log level. `Create OCCI Session` and `Log In To The VM` log RequestsLibrary and SSHLibrary in.
    """

    ROBOT_LIBRARY_SCOPE = "GLOBAL"
    ROBOT_LIBRARY_VERSION = __version__
    ROBOT_LIBRARY_DOC_FORMAT = "ROBOT"

    def __init__(self, site: str = "", sites: str = "") -> None:
        """Imports the library; `resources/occi.resource` does it for the suites.

        Args:
            site: name of the site file, without `.resource`. When the folder has no such file, the run says so in one
                sentence and ends.
            sites: folder of the site files. Empty: the site's variables are taken from wherever the suite has them,
                and are checked at the first keyword that needs them.

        Example:
        | Library    OcciLibrary    site=${SITE}    sites=${CURDIR}/sites
        """
        folder = Path(sites) if sites else None
        self.run = SiteRun(site, folder)
        if self.run.problem and folder is not None:
            _keep_imports_working(folder)
        elif folder is not None:  # before Robot Framework reads the file
            for secret in secrets_in_text(folder / f"{site}.resource"):
                learn(secret)
        compute, actions, session = (
            ComputeKeywords(self.run),
            ActionKeywords(self.run),
            SessionKeywords(self.run),
        )
        states = StateKeywords(self.run, compute, actions)
        machine = MachineKeywords(self.run, compute, session)
        creating, commands = Creating(self.run), VmCommands(self.run, states)
        conformance = ConformanceSite(self.run)
        changes = HttpChangeKeywords(self.run, conformance)
        reader = EntityReader(conformance)
        groups = [
            SiteKeywords(self.run),
            compute,
            actions,
            states,
            DiscussionKeywords(self.run, actions, states),
            ProbeKeywords(self.run),
            session,
            machine,
            TraceKeywords(self.run, session, machine),
            ClockKeywords(self.run, session),
            SoftwareKeywords(states, actions, commands),
            NewVmKeywords(self.run, creating),
            ImageKeywords(self.run, states, creating, commands),
            InventoryKeywords(self.run, compute, session),
            ConformanceKeywords(self.run, conformance),
            HttpCollectionKeywords(self.run, conformance),
            HttpNegotiationKeywords(self.run, conformance),
            changes,
            JsonRenderingKeywords(self.run, conformance, changes),
            TextRenderingKeywords(self.run, conformance),
            CoreModelKeywords(conformance, reader),
            InfrastructureKeywords(self.run, conformance, reader),
            Conformance12Keywords(self.run, conformance, creating),
            ConformanceCreating(self.run, conformance, reader, creating),
            UserMixinKeywords(self.run, conformance, reader, creating),
        ]
        # In this order they are closed, too: what is said at the very end is still masked.
        listeners = [MaskingListener(FIRST), RunListener(self.run), MaskingListener(LAST)]
        super().__init__([*groups, *listeners])


def _keep_imports_working(folder: Path) -> None:
    """Lets `sites/${SITE}.resource` resolve to some file, so that our one sentence is the only one said."""
    names = site_names(folder)
    with contextlib.suppress(RobotNotRunningError):
        BuiltIn().set_global_variable("${SITE}", names[0] if names else "")
