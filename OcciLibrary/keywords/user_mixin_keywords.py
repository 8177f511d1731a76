"""Keywords that define a mixin of the tester's own, give it to entities of this run's own, and drop it (GFD.185 §3.4.1, §3.4.3)."""

from __future__ import annotations

from urllib.parse import urlsplit

from robot.api.deco import keyword

from OcciLibrary.conformance import membership_rules
from OcciLibrary.conformance.exchange import Exchange
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError
from OcciLibrary.keywords.conformance_entities import EntityReader
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.keywords.created import MIXIN, NETWORK, OWN_SCHEME, Created, new_name
from OcciLibrary.keywords.creating import Creating, Wanted
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.infrastructure import NETWORK_ID
from OcciLibrary.occi.renderings import TEXT_OCCI, TEXT_PLAIN

_FEATURE = "user-mixins"
_LACKING = (403, 404, 405, 501)
_ABOUT_FORM = (400, 406, 415)
_TAKEN = (200, 201, 204, 303)


class UserMixinKeywords:
    """Defines one mixin in a suite file, and creates two networks that get it; all is noted before, and removed at the latest at the end."""

    def __init__(self, run: SiteRun, site: ConformanceSite, reader: EntityReader, creating: Creating) -> None:
        self._run = run
        self._site = site
        self._reader = reader
        self._creating = creating
        self._mixin: Created | None = None
        self._location = ""
        self._members: list[Created] = []

    @keyword("Mixin Of My Own Should Be Defined", tags=["conformance", "creating"])
    def mixin_of_my_own_should_be_defined(self) -> None:
        """Defines a mixin with a term of this run's own, and fails unless discovery offers it with its location (GFD.185 §3.4.1).

        The location has to be its own: nothing more is asked of a mixin at the place of another collection.

        Raises:
            SkipExecution: where `${MAY_CREATE}` is not True, or users cannot define mixins here (403, 404, 405, 501).
            StepFailed: with what the site answered, or that discovery does not show the mixin.

        Example:
        | Mixin Of My Own Should Be Defined
        """
        site, creating = self._site, self._creating
        creating.check_allowed()
        with site.checking(f"to define a mixin ({membership_rules.DEFINED})"):
            name = new_name()
            mixin_id = OWN_SCHEME + name
            noted = creating.note(MIXIN, name)
            self._run.guard.own_mixins.add(mixin_id)
            location = f"{urlsplit(site.client.endpoint).path}{name}/"
            line = f'{name}; scheme="{OWN_SCHEME}"; class="mixin"; location="{location}"'
            sent = self._send("POST", site.place("discovery"), "Category", line)
            if sent.status in _LACKING:
                creating.forget(noted)
                raise NotOfferedError(f"users cannot define mixins here ({sent.told()})", _FEATURE)
            findings = _accepted(sent, "the definition of a mixin", membership_rules.DEFINED)
            offered = site.client.discover_anew().categories
            findings += membership_rules.defined_problems(offered, mixin_id)
            findings += membership_rules.location_problems(offered, mixin_id, self._run.vm_url)
        site.settle(findings, sent)
        noted.url = mixin_id
        self._mixin, self._members = noted, []
        self._location = site.place(mixin_id)
        self._run.guard.created.add(self._location)
        self._run.keep_note()

    @keyword("Mixin Of My Own Should Be Given", tags=["conformance", "creating"])
    def mixin_of_my_own_should_be_given(self) -> None:
        """Adds a new network to the mixin's collection by POST, and fails unless it has the mixin then, and nothing else has (GFD.185 §3.4.3).

        Raises:
            SkipExecution: where no mixin was defined, or no network can be created.
            StepFailed: names who has the mixin and should not, or the reverse.

        Example:
        | Mixin Of My Own Should Be Defined
        | Mixin Of My Own Should Be Given
        """
        self._change("POST", self._member(0))

    @keyword("Members Of My Mixin Should Be Replaced", tags=["conformance", "creating"])
    def members_of_my_mixin_should_be_replaced(self) -> None:
        """Replaces the members of the mixin's collection by PUT of another new network (GFD.185 §3.4.3, GFD.223 §11).

        Raises:
            SkipExecution: where no member was given before, or no second network can be created.
            StepFailed: names who has the mixin and should not, or the reverse.

        Example:
        | Mixin Of My Own Should Be Defined
        | Mixin Of My Own Should Be Given
        | Members Of My Mixin Should Be Replaced
        """
        before = self._needed_member()
        self._change("PUT", self._member(1), goes=(before,))

    @keyword("Mixin Of My Own Should Be Taken Away", tags=["conformance", "creating"])
    def mixin_of_my_own_should_be_taken_away(self) -> None:
        """Takes the mixin from its last member by a DELETE that names it, and fails unless that is left, without the mixin (GFD.185 §3.4.3).

        Raises:
            SkipExecution: where no member was given before.
            StepFailed: when the member still has the mixin, or is gone.

        Example:
        | Mixin Of My Own Should Be Defined
        | Mixin Of My Own Should Be Given
        | Mixin Of My Own Should Be Taken Away
        """
        self._needed_member()
        self._change("DELETE", self._members[-1], goes=(self._members[-1],))

    @keyword("Mixin Of My Own Should Be Dropped", tags=["conformance", "creating"])
    def mixin_of_my_own_should_be_dropped(self) -> None:
        """Removes the mixin at the query interface, and fails unless discovery no longer offers it and its members are left (GFD.185 §3.4.1).

        Raises:
            SkipExecution: where no mixin was defined.
            StepFailed: with what the site answered, or what is still there.

        Example:
        | Mixin Of My Own Should Be Defined
        | Mixin Of My Own Should Be Dropped
        """
        site = self._site
        with site.checking(f"to drop a mixin ({membership_rules.DEFINED})"):
            mixin = self._needed()
            line = f'{mixin.name}; scheme="{OWN_SCHEME}"; class="mixin"'
            sent = self._send("DELETE", site.place("discovery"), "Category", line)
            findings = _accepted(sent, "the removal of a mixin", membership_rules.DEFINED)
            offered = site.client.discover_anew().categories
            findings += membership_rules.removed_problems(offered, mixin.url)
            for one in self._members:
                entity = self._reader.read(one.url).entity
                findings += membership_rules.member_problems(entity, mixin.url, (), member=False)
        site.settle(findings, sent)
        self._creating.forget(mixin)
        self._mixin = None

    def _change(self, method: str, member: Created, goes: tuple[Created, ...] = ()) -> None:
        """Changes the members of the mixin, and judges who has it then: the member alone, unless it goes."""
        site, reader = self._site, self._reader
        with site.checking(f"to change the members of a mixin ({membership_rules.MEMBERS})"):
            mixin = self._needed()
            sent = self._send(method, self._location, "X-OCCI-Location", member.url)
            if sent.status in (405, 501):
                raise NotOfferedError(f"members of a mixin cannot be changed so ({sent.told()})", _FEATURE)
            findings = _accepted(sent, f"{method} of a member", membership_rules.MEMBERS)
            listing = site.listing(self._location)
            urls = reader.urls_in(listing, self._location)
            has = () if member in goes else (member,)
            for one in (*has, *goes):
                entity = reader.read(one.url).entity
                findings += membership_rules.member_problems(entity, mixin.url, urls, one in has)
            findings += membership_rules.stranger_problems(
                mixin.url, urls, [one.url for one in (*has, *goes)]
            )
        site.settle(findings, sent, listing)

    def _send(self, method: str, url: str, field: str, value: str) -> Exchange:
        """Returns the answer to a request of one OCCI field: in the header, and in the body where a site reads none there."""
        site = self._site
        headers = {"Content-Type": TEXT_OCCI, "Accept": TEXT_PLAIN}
        sent = site.exchange(method, url, {**headers, field: value})
        if sent.status not in _ABOUT_FORM:
            return sent
        headers["Content-Type"] = TEXT_PLAIN
        return site.exchange(method, url, headers, f"{field}: {value}\n".encode())

    def _needed(self) -> Created:
        if self._mixin is None:
            raise CannotBeShownError("no mixin was defined in this file")
        return self._mixin

    def _needed_member(self) -> Created:
        with self._site.checking("a member of a mixin"):
            self._needed()
            if not self._members:
                raise CannotBeShownError("the mixin was given to nothing in this file")
        return self._members[-1]

    def _member(self, number: int) -> Created:
        """Returns a network that this run created, made at the first need."""
        with self._site.checking("to create a network that gets the mixin"):
            self._needed()
            while len(self._members) <= number:
                self._reader.collection(NETWORK_ID)
                self._members.append(self._creating.create_entity(Wanted(NETWORK, NETWORK_ID)))
        return self._members[number]


def _accepted(sent: Exchange, what: str, clause: str) -> Findings:
    """Finds an answer that does not say that something was done."""
    if sent.status in _TAKEN:
        return ()
    expected = f"that {what} is answered 200"
    return (Finding(clause, expected, f"{sent.status} {sent.answer.reason}".rstrip(), sent.beginning()),)
