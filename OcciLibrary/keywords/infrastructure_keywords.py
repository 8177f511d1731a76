"""Keywords on the infrastructure documents: the model that discovery offers, and what instances show (GFD.184, GFD.224)."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from robot.api.deco import keyword

from OcciLibrary.conformance import infrastructure_values, model_completeness
from OcciLibrary.conformance.editions import by_editions
from OcciLibrary.conformance.findings import CannotBeShownError, Findings, failures
from OcciLibrary.conformance.instance_rules import Entity
from OcciLibrary.keywords.conformance_entities import EntityReader, Seen
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi import infrastructure
from OcciLibrary.occi.known_servers import memory_is_in_mib
from OcciLibrary.occi.provisioning import wait_until

_SETTLING = 5.0  # seconds in which a VM that arrived in a state may not offer yet what applies there


class InfrastructureKind(Enum):
    """Names the kinds of the infrastructure documents by their terms."""

    compute = infrastructure.COMPUTE_ID
    network = infrastructure.NETWORK_ID
    storage = infrastructure.STORAGE_ID
    networkinterface = infrastructure.NETWORKINTERFACE_ID
    storagelink = infrastructure.STORAGELINK_ID


class InfrastructureMixin(Enum):
    """Names the mixins of the infrastructure documents by their terms."""

    ipnetwork = infrastructure.IPNETWORK_ID
    ipnetworkinterface = infrastructure.IPNETWORKINTERFACE_ID
    os_tpl = infrastructure.OS_TPL_ID
    resource_tpl = infrastructure.RESOURCE_TPL_ID


class InfrastructureKeywords:
    """Holds the infrastructure documents against a site; sends nothing but GET."""

    def __init__(self, run: SiteRun, site: ConformanceSite, reader: EntityReader) -> None:
        self._run = run
        self._site = site
        self._reader = reader

    # ---- what discovery offers

    @keyword("Offered Kind Should Be Whole", tags=["conformance"])
    def offered_kind_should_be_whole(self, kind: InfrastructureKind) -> None:
        """Fails unless an offered kind has the parent, the attributes and the actions of the document (GFD.184 §3, GFD.224 §3).

        Flags (immutable) that differ from the document's are remarks.

        Args:
            kind: compute, network, storage, networkinterface or storagelink.

        Raises:
            SkipExecution: where the site does not offer the kind.
            StepFailed: names each parent, attribute and action that is missing, and what is there.

        Example:
        | Offered Kind Should Be Whole    storage
        """
        self._model(model_completeness.kind_problems, kind.value)

    @keyword("Offered Mixin Should Be Whole", tags=["conformance"])
    def offered_mixin_should_be_whole(self, mixin: InfrastructureMixin) -> None:
        """Fails unless an offered mixin has the attributes of the document, and applies to its kind (GFD.184 §3, GFD.224 §3).

        Args:
            mixin: ipnetwork, ipnetworkinterface, os_tpl or resource_tpl.

        Raises:
            SkipExecution: where the site does not offer the mixin.
            StepFailed: names each attribute that is missing.

        Example:
        | Offered Mixin Should Be Whole    ipnetwork
        """
        self._model(model_completeness.mixin_problems, mixin.value)

    @keyword("Offered Actions Should Be Whole", tags=["conformance"])
    def offered_actions_should_be_whole(self, kind: InfrastructureKind) -> None:
        """Fails unless discovery describes the actions of a kind with the attributes that the document gives them (GFD.184 §3.1-3.3).

        Args:
            kind: compute, network or storage.

        Raises:
            SkipExecution: where the site does not offer the kind.
            StepFailed: names each action and attribute that is missing.

        Example:
        | Offered Actions Should Be Whole    compute
        """
        self._model(model_completeness.action_problems, kind.value)

    @keyword("Templates Should Depend On Theirs", tags=["conformance"])
    def templates_should_depend_on_theirs(self) -> None:
        """Fails when a template does not depend on os_tpl or resource_tpl (GFD.184 §3.5, GFD.224 §3.5).

        Raises:
            SkipExecution: where the site offers no template.
            StepFailed: names each template.

        Example:
        | Templates Should Depend On Theirs
        """
        self._reader.check_discovery(model_completeness.template_problems)

    def _model(self, rule: model_completeness.ModelRule, category_id: str) -> None:
        versions = self._site.profile.versions
        self._reader.check_discovery(
            lambda categories: by_editions(versions, lambda edition: rule(categories, category_id, edition))
        )

    # ---- what instances show

    @keyword("Values Should Be Of Their Types", tags=["conformance"])
    def values_should_be_of_their_types(self, kind: InfrastructureKind) -> None:
        """Fails when an instance shows a value of another type, or outside of what the document allows (GFD.184 §3, GFD.224 §3).

        Types as in the documents' tables; enumerations such as x86 and x64; a VLAN from 0 to 4095; sizes above 0.

        Args:
            kind: whose instances are looked at; compute is the tester's VM and what is listed beside it.

        Raises:
            SkipExecution: where this account sees none.
            StepFailed: names instance, attribute and value.

        Example:
        | Values Should Be Of Their Types    compute
        """
        self._instances(kind, infrastructure_values.value_problems)

    @keyword("Attributes Should Be Shown", tags=["conformance"])
    def attributes_should_be_shown(self, kind: InfrastructureKind) -> None:
        """Fails when an instance lacks an attribute that it always has, such as its state (GFD.184 §3, GFD.224 §3).

        Of a compute, OCCI 1.1 wants all attributes shown; those of multiplicity 0..1 are a remark.

        Args:
            kind: whose instances are looked at.

        Raises:
            SkipExecution: where this account sees none.
            StepFailed: names instance and attribute.

        Example:
        | Attributes Should Be Shown    network
        """
        self._instances(kind, infrastructure_values.exposed_problems)

    @keyword("State Should Be Of The Document", tags=["conformance"])
    def state_should_be_of_the_document(self, kind: InfrastructureKind) -> None:
        """Fails when an instance shows a state that the document does not know (GFD.184 §3, GFD.224 §3).

        Args:
            kind: whose instances are looked at.

        Raises:
            SkipExecution: where this account sees none.
            StepFailed: names instance and state.

        Example:
        | State Should Be Of The Document    compute
        """
        self._instances(kind, infrastructure_values.state_problems)

    @keyword("Actions Should Fit The State Of The VM", tags=["conformance"])
    def actions_should_fit_the_state_of_the_vm(self) -> None:
        """Fails unless the VM offers the actions that the state machine has in its state (GFD.184 §3.1, GFD.185 §3.5.3).

        One that does not apply is a remark: GFD.184 has all of them exposed. A VM that has just arrived in its state is given
        five seconds.

        Raises:
            SkipExecution: in a state that the documents do not know.
            StepFailed: names the actions that are missing, and those that are offered.

        Example:
        | Actions Should Fit The State Of The VM
        """
        reader, site, run = self._reader, self._site, self._run
        rule = self._by_editions(infrastructure_values.offered_action_problems)
        seen = []

        def fit() -> bool:
            seen.append(reader.vm())
            return not failures(rule(seen[-1].entity))

        with site.checking("the actions that the VM offers"):
            wait_until(fit, min(_SETTLING, run.site_settings().transition_timeout))
        reader.check_each("the VM's actions", rule, (seen[-1],))

    @keyword("Memory Should Be In GiB", tags=["conformance"])
    def memory_should_be_in_gib(self) -> None:
        """Remarks when the VM's memory counts MiB, as some bridges do (GFD.184 §3.1, GFD.224 §3.1); skips where it shows none.

        Raises:
            SkipExecution: where the VM shows no memory.

        Example:
        | Memory Should Be In GiB
        """
        reader, site, run = self._reader, self._site, self._run
        with site.checking("the details of the VM"):
            vm = reader.vm()
            if "occi.compute.memory" not in vm.entity.attributes:
                raise CannotBeShownError("the VM shows no occi.compute.memory")
            in_mib = memory_is_in_mib(run.client.known_server, run.query())
        site.settle(infrastructure_values.unit_problems(vm.entity, in_mib), vm.exchange)

    def _instances(self, kind: InfrastructureKind, rule: infrastructure_values.ValueRule) -> None:
        with self._site.checking(f"the {kind.name}s that the site lists"):
            seen = self._seen(kind)
        self._reader.check_each(f"the {kind.name}s that the site lists", self._by_editions(rule), seen)

    def _seen(self, kind: InfrastructureKind) -> tuple[Seen, ...]:
        every = self._reader.sample()
        line = self._reader.model().line
        found = tuple(one for one in every if kind.value in line(one.entity.kind))
        if not found:
            self._reader.collection(kind.value)  # raises NotOfferedError where there is none
            raise CannotBeShownError(f"this account sees no {kind.name}")
        return found

    def _by_editions(self, rule: infrastructure_values.ValueRule) -> Callable[[Entity], Findings]:
        versions = self._site.profile.versions
        return lambda entity: by_editions(versions, lambda edition: rule(entity, edition))
