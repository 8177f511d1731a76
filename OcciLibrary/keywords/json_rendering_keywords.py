"""Keywords about application/occi+json: what keeps to its schema, and what a site understands (GFD.226 §3, §10, §11)."""

from __future__ import annotations

from typing import Literal

from robot.api.deco import keyword

from OcciLibrary.conformance import json_rules
from OcciLibrary.conformance.findings import NotOfferedError, failures
from OcciLibrary.keywords.conformance_site import ANOTHER_JSON, ConformanceSite
from OcciLibrary.keywords.http_change_keywords import HttpChangeKeywords
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.infrastructure import COMPUTE_ID
from OcciLibrary.occi.renderings import OCCI_JSON

Topic = Literal["members", "definitions", "values"]


class JsonRenderingKeywords:
    """Judges what a site renders in JSON, and whether it takes JSON."""

    def __init__(self, run: SiteRun, site: ConformanceSite, changes: HttpChangeKeywords) -> None:
        self._run = run
        self._site = site
        self._changes = changes

    @keyword("JSON Should Keep To The Schema", tags=["conformance"])
    def json_should_keep_to_the_schema(self, target: str, topic: Topic = "members") -> None:
        """Fails when discovery, the VM or a collection departs from the schema of application/occi+json (GFD.226 §3, §10, §11).

        It skips where the site does not answer in JSON, or, with OCCI 1.1 alone and without a claim, in one of its own, and where the answer has nothing of the topic.

        Args:
            target: what is asked for: `discovery`, `VM`, or the term or id of a kind (its collection).
            topic: `members` (the objects and their members), `definitions` (the attributes that discovery describes) or
                `values` (numbers are numbers, names of attributes are flat).

        Raises:
            StepFailed: with each departure, its line and column, and the wrong piece.

        Example:
        | JSON Should Keep To The Schema    VM    values
        """
        site = self._site
        with site.checking(f"{target} in JSON"):
            got = site.get(site.place(target), OCCI_JSON)
            findings = json_rules.keeps_schema(got, topic)
        site.settle_rendering(OCCI_JSON, findings, got)

    @keyword("Discovery In JSON Should Be One Object", tags=["conformance"])
    def discovery_in_json_should_be_one_object(self) -> None:
        """Fails unless discovery in JSON is one object with lists of kinds and actions (GFD.226 §3).

        It skips where the site does not answer in JSON, or, with OCCI 1.1 alone and without a claim, in one of its own.

        Raises:
            StepFailed: with what is missing.

        Example:
        | Discovery In JSON Should Be One Object
        """
        site = self._site
        with site.checking("discovery in JSON"):
            got = site.get(site.place("discovery"), OCCI_JSON)
            findings = json_rules.discovery_members(got)
        site.settle_rendering(OCCI_JSON, findings, got)

    @keyword("Collection In JSON Should Show The VM", tags=["conformance"])
    def collection_in_json_should_show_the_vm(self) -> None:
        """Fails unless the collection of compute in JSON shows the VM with kind and attributes; its address or id alone is a remark (GFD.226 §3).

        It skips where the site does not answer in JSON, or, with OCCI 1.1 alone and without a claim, in one of its own.

        Raises:
            StepFailed: with what is shown instead.

        Example:
        | Collection In JSON Should Show The VM
        """
        site = self._site
        with site.checking("the collection of compute in JSON"):
            collection = site.place(COMPUTE_ID)
            got = site.get(collection, OCCI_JSON)
            findings = json_rules.shows_whole(got, site.path_of_vm(), collection)
        site.settle_rendering(OCCI_JSON, findings, got)

    @keyword("Partial Update In JSON Should Take Effect", tags=["conformance"])
    def partial_update_in_json_should_take_effect(self) -> None:
        """Fails unless a partial update in JSON changes what it names, and nothing else, by what is read back (GFD.226 §3).

        As `Partial Update Should Take Effect`; it skips too where the site does not speak JSON.

        Raises:
            StepFailed: with what was refused, not stored, or changed besides.

        Example:
        | Partial Update In JSON Should Take Effect
        """
        self._skip_unless_spoken()
        self._changes.update_partially_in(OCCI_JSON)

    @keyword("Action In JSON Should Take Effect", tags=["conformance"])
    def action_in_json_should_take_effect(self) -> None:
        """Fails unless start in JSON makes the inactive VM active (GFD.226 §3); skips where the site does not speak JSON.

        Raises:
            StepFailed: with the status, or the states that were seen instead.

        Example:
        | Have The VM In State    inactive
        | Action In JSON Should Take Effect
        """
        self._skip_unless_spoken()
        self._changes.act_in("start", OCCI_JSON)

    @keyword("Skip Unless Site Speaks JSON", tags=["conformance"])
    def skip_unless_site_speaks_json(self) -> None:
        """Skips the test where the site does not render the VM in application/occi+json; where its file claims `json`, it fails.

        Raises:
            SkipExecution: says what was answered instead.

        Example:
        | Skip Unless Site Speaks JSON
        """
        self._skip_unless_spoken()

    def _skip_unless_spoken(self) -> None:
        site = self._site
        with site.checking("the VM in JSON"):
            got = site.get(site.place("VM"), OCCI_JSON)
            json_rules.offered(got)
            if not site.claims_json and failures(json_rules.keeps_schema(got, "members")):
                raise NotOfferedError(ANOTHER_JSON, "json")
