"""Keywords on the core model: what discovery offers, what entities show, what links join (GFD.183, GFD.221)."""

from __future__ import annotations

from robot.api.deco import keyword

from OcciLibrary.conformance import category_rules, instance_rules, link_rules
from OcciLibrary.conformance.editions import by_editions
from OcciLibrary.conformance.findings import CannotBeShownError, Finding, Findings, NotOfferedError
from OcciLibrary.conformance.instance_rules import Entity, Model
from OcciLibrary.keywords.conformance_entities import DISCOVERY, EntityReader, Seen
from OcciLibrary.keywords.conformance_site import ConformanceSite
from OcciLibrary.occi.identity import path_of
from OcciLibrary.occi.model import Category, Link, Mixin
from OcciLibrary.occi.transport import shown_url

_LINK = "GFD.183 §4.5.3; GFD.185 §3.5.2; GFD.221 §5.4"
_COLLECTION = "GFD.185 §3.4.3; GFD.223 §11.1"
_MOST_MIXINS = 5
_MOST_OTHERS = 3
_MOST_LINKS = 10


class CoreModelKeywords:
    """Holds the rules of the core model against a site; sends nothing but GET."""

    def __init__(self, site: ConformanceSite, reader: EntityReader) -> None:
        self._site = site
        self._reader = reader

    # ---- what discovery offers

    @keyword("Core Kinds Should Be Offered", tags=["conformance"])
    def core_kinds_should_be_offered(self) -> None:
        """Remarks unless discovery shows the kinds entity, resource and link (GFD.183 §4.5, GFD.221 §5.4).

        Raises:
            StepFailed: names each that is shown as something other than a kind.

        Example:
        | Core Kinds Should Be Offered
        """
        self._reader.check_discovery(category_rules.core_kinds_missing)

    @keyword("Kinds Should Descend From Entity", tags=["conformance"])
    def kinds_should_descend_from_entity(self) -> None:
        """Fails unless the parents of every offered kind lead to the kind entity (GFD.183 §4.4.2, GFD.221 §5.3.3).

        Raises:
            StepFailed: names each kind, and where its line of parents breaks.

        Example:
        | Kinds Should Descend From Entity
        """
        self._reader.check_discovery(category_rules.wrong_parents)

    @keyword("Categories Should Be Unique", tags=["conformance"])
    def categories_should_be_unique(self) -> None:
        """Fails when scheme and term name two categories of different content (GFD.183 §4.4.1, GFD.221 §5.3.1).

        Raises:
            StepFailed: names each that is offered more than once.

        Example:
        | Categories Should Be Unique
        """
        self._reader.check_discovery(category_rules.repeated)

    @keyword("Categories Should Be Well Formed", tags=["conformance"])
    def categories_should_be_well_formed(self) -> None:
        """Fails unless schemes are URIs and terms are of the grammar of the site's OCCI (GFD.185 §3.5.1, GFD.229 §4).

        A scheme that does not end in # is a remark.

        Raises:
            StepFailed: names each that is ill-formed.

        Example:
        | Categories Should Be Well Formed
        """
        self._by_editions(category_rules.ill_formed_identifiers)

    @keyword("Attribute Definitions Should Be Well Formed", tags=["conformance"])
    def attribute_definitions_should_be_well_formed(self) -> None:
        """Fails unless the attributes that categories declare have names of the grammar, and known types (GFD.185 §3.5.1, GFD.229 §4).

        Raises:
            StepFailed: names each attribute and its category.

        Example:
        | Attribute Definitions Should Be Well Formed
        """
        self._by_editions(category_rules.wrong_attribute_definitions)

    @keyword("Names Of The OGF Should Be Left To It", tags=["conformance"])
    def names_of_the_ogf_should_be_left_to_it(self) -> None:
        """Remarks on categories and attributes of the site's own under names that are the OGF's (GFD.221 §5.3.1, §5.3.2).

        Example:
        | Names Of The OGF Should Be Left To It
        """
        self._reader.check_discovery(category_rules.foreign_names)

    @keyword("Kinds And Mixins Should Have Locations", tags=["conformance"])
    def kinds_and_mixins_should_have_locations(self) -> None:
        """Fails unless what can have instances has a location that ends in a slash (GFD.185 §3.3.1, GFD.223 §4).

        The kind entity has none in OCCI 1.2.

        Raises:
            StepFailed: names each kind or mixin, and its location.

        Example:
        | Kinds And Mixins Should Have Locations
        """
        self._by_editions(category_rules.wrong_locations)

    @keyword("Offered Actions Should Have Owners", tags=["conformance"])
    def offered_actions_should_have_owners(self) -> None:
        """Fails when a kind or mixin names an action that discovery does not offer (GFD.183 §4.5.4, GFD.221 §5.3.5).

        An offered action that none names is a remark.

        Raises:
            StepFailed: names each such action.

        Example:
        | Offered Actions Should Have Owners
        """
        self._reader.check_discovery(category_rules.dangling_actions)

    @keyword("Mixins Should Refer To What Is Offered", tags=["conformance"])
    def mixins_should_refer_to_what_is_offered(self) -> None:
        """Fails when a mixin depends on a mixin, or applies to a kind, that discovery does not offer (GFD.221 §5.3.4).

        Raises:
            SkipExecution: where the site offers no mixin.
            StepFailed: names each mixin and what it refers to.

        Example:
        | Mixins Should Refer To What Is Offered
        """

        def rule(categories: tuple[Category, ...]) -> Findings:
            if not any(isinstance(one, Mixin) for one in categories):
                raise NotOfferedError("discovery shows no mixin")
            return category_rules.dangling_relations(categories)

        self._reader.check_discovery(rule)

    def _by_editions(self, rule: category_rules.CategoryRule) -> None:
        site = self._site
        self._reader.check_discovery(
            lambda categories: by_editions(site.profile.versions, lambda edition: rule(categories, edition))
        )

    # ---- entities

    @keyword("VM Should Be In The Collection Of Its Kind Alone", tags=["conformance"])
    def vm_should_be_in_the_collection_of_its_kind_alone(self) -> None:
        """Fails unless the VM is listed where its kind is, and in no other kind's collection (GFD.185 §3.4.3, GFD.223 §11.1).

        Raises:
            StepFailed: names the collection.

        Example:
        | VM Should Be In The Collection Of Its Kind Alone
        """
        reader, site = self._reader, self._site
        with site.checking("the collections of kinds"):
            model, vm = reader.model(), reader.vm()
            kind = vm.entity.kind
            urls, own = reader.listed(kind)
            findings = [] if _holds(urls, vm) else [_lacks(vm, kind, own.told())]
            line = model.line(kind)
            others = [
                one for one in reader.located_kinds() if one.id not in line and kind not in model.line(one.id)
            ]
            for other in others:
                urls, _ = reader.listed(other.id)
                if _holds(urls, vm):
                    expected = f"the collection of {other.id} to hold entities of that kind"
                    findings.append(
                        Finding(_COLLECTION, expected, f"it holds {vm.entity.url}, of {kind}", vm.entity.url)
                    )
        site.settle(findings, own)

    @keyword("Entities Should Have One Offered Kind", tags=["conformance"])
    def entities_should_have_one_offered_kind(self) -> None:
        """Fails unless the VM, and what is listed, has exactly one kind, offered, and that in whose collection it stands (GFD.183 §4.4.2).

        What is listed can be read, too.

        Raises:
            StepFailed: names the entity.

        Example:
        | Entities Should Have One Offered Kind
        """
        self._each(instance_rules.kind_problems)
        with self._site.checking("the entities that the site lists"):
            findings, exchanges = self._reader.unreadable()
        self._site.settle(findings, *exchanges)

    @keyword("Entities Should Have Offered Mixins", tags=["conformance"])
    def entities_should_have_offered_mixins(self) -> None:
        """Fails when the VM, or what is listed, has a mixin that discovery does not offer or that applies to other kinds (GFD.221 §5.3.4).

        Raises:
            SkipExecution: where no entity has a mixin.
            StepFailed: names entity and mixin.

        Example:
        | Entities Should Have Offered Mixins
        """

        def rule(entity: Entity, model: Model) -> Findings:
            if not entity.mixins:
                raise CannotBeShownError("no entity that this account sees has a mixin")
            return instance_rules.mixin_problems(entity, model)

        self._each(rule)

    @keyword("Entities Should Offer Actions Of Their Types", tags=["conformance"])
    def entities_should_offer_actions_of_their_types(self) -> None:
        """Fails when the VM, or what is listed, offers an action that discovery does not, or of another type (GFD.183 §4.5.4).

        Raises:
            SkipExecution: where no entity offers an action.
            StepFailed: names entity and action.

        Example:
        | Entities Should Offer Actions Of Their Types
        """

        def rule(entity: Entity, model: Model) -> Findings:
            if not entity.actions:
                raise CannotBeShownError("no entity that this account sees offers an action now")
            return instance_rules.action_problems(entity, model)

        self._each(rule)

    @keyword("Entities Should Have Declared Attributes", tags=["conformance"])
    def entities_should_have_declared_attributes(self) -> None:
        """Fails when the VM, or what is listed, has an attribute that neither its kind nor its mixins declare (GFD.183 §4.4.1).

        Where an OCCI document declares it and the site's discovery does not, that is a remark.

        Raises:
            StepFailed: names entity and attribute.

        Example:
        | Entities Should Have Declared Attributes
        """
        self._each(instance_rules.attribute_problems)

    @keyword("Entities Should Have Ids", tags=["conformance"])
    def entities_should_have_ids(self) -> None:
        """Fails when the VM, or what is listed, has no occi.core.id, or one that no URI can hold (GFD.183 §4.5, GFD.185 §3.1).

        Raises:
            StepFailed: names the entity and its id.

        Example:
        | Entities Should Have Ids
        """
        self._each(lambda entity, _: instance_rules.id_problems(entity))

    @keyword("Ids Should Be Unique", tags=["conformance"])
    def ids_should_be_unique(self) -> None:
        """Fails when two entities have the same occi.core.id (GFD.183 §4.5, GFD.221 §5.4).

        Raises:
            SkipExecution: where this account sees fewer than two entities.
            StepFailed: names the entities.

        Example:
        | Ids Should Be Unique
        """
        site = self._site
        site.check(
            "the entities that the site lists",
            lambda: instance_rules.repeated_ids([one.entity for one in self._reader.sample()]),
        )

    @keyword("Collections Of Mixins Should Hold What Has The Mixin", tags=["conformance"])
    def collections_of_mixins_should_hold_what_has_the_mixin(self) -> None:
        """Fails unless the VM is in the collection of each of its mixins, and in none of a mixin that it has not (GFD.185 §3.4.3).

        Raises:
            SkipExecution: where the VM has no mixin with a location, or the site offers no other one.
            StepFailed: names the collection.

        Example:
        | Collections Of Mixins Should Hold What Has The Mixin
        """
        reader, site = self._reader, self._site
        with site.checking("the collections of mixins"):
            model, vm = reader.model(), reader.vm()
            located = [one for one in model.mixins.values() if one.location]
            own = [one for one in located if one.id in vm.entity.mixins][:_MOST_MIXINS]
            related = model.with_dependencies(vm.entity.mixins)
            others = [one for one in located if one.id not in related][:_MOST_OTHERS]
            if not own:
                raise CannotBeShownError("the VM has no mixin with a location")
            if not others:
                raise CannotBeShownError("the site offers no mixin with a location that the VM has not")
            findings = [finding for one in own for finding in self._membership(vm, one, True)]
            findings += [finding for one in others for finding in self._membership(vm, one, False)]
        site.settle(findings)

    def _membership(self, vm: Seen, mixin: Mixin, member: bool) -> Findings:
        urls, exchange = self._reader.listed(mixin.id)
        if exchange.status in (405, 501):
            raise NotOfferedError(f"the site lists no collections of mixins ({exchange.told()})")
        if not exchange.succeeded:
            expected = f"the collection of the mixin {mixin.id} to be listed"
            return (Finding(_COLLECTION, expected, exchange.told(), mixin.location),)
        if _holds(urls, vm) == member:
            return ()
        if member:
            return (_lacks(vm, mixin.id, exchange.told()),)
        expected = f"the collection of the mixin {mixin.id} to hold what has that mixin"
        return (Finding(_COLLECTION, expected, f"it holds {vm.entity.url}, which has not", vm.entity.url),)

    def _each(self, rule: instance_rules.EntityRule) -> None:
        with self._site.checking(DISCOVERY):
            model = self._reader.model()
        self._reader.check_each("the entities that the site lists", lambda entity: rule(entity, model))

    # ---- links

    @keyword("Shown Links Should Be Whole", tags=["conformance"])
    def shown_links_should_be_whole(self) -> None:
        """Fails when a resource shows a link without target, without its target's kind in rel, or of a kind that is no link's.

        GFD.183 §4.5.3, GFD.185 §3.5.2, GFD.221 §5.4.

        Raises:
            SkipExecution: where no resource that this account sees has a link.
            StepFailed: names resource and link.

        Example:
        | Shown Links Should Be Whole
        """
        self._each(lambda entity, model: link_rules.shown_link_problems(_linked(entity), model))

    @keyword("Links Should Be Entities With Source And Target", tags=["conformance"])
    def links_should_be_entities_with_source_and_target(self) -> None:
        """Fails unless each link that a resource shows can be read, leads from there and to where the resource says (GFD.183 §4.5.3).

        Raises:
            SkipExecution: where no resource that this account sees has a link, or none tells the link's address.
            StepFailed: names the link.

        Example:
        | Links Should Be Entities With Source And Target
        """
        reader, site = self._reader, self._site
        findings: list[Finding] = []
        with site.checking("the links of the resources that the site lists"):
            model = reader.model()
            for owner, link, url in self._links():
                exchange = reader.ask(url)
                if not exchange.succeeded:
                    expected = f"the link {url}, which {owner.url} shows, to be an entity"
                    findings.append(Finding(_LINK, expected, exchange.told(), url))
                    continue
                seen = reader.shown(exchange, url)
                findings += link_rules.link_entity_problems(
                    seen.entity, owner.url, link_rules.target_of(link)
                )
                findings += instance_rules.kind_problems(seen.entity, model)
                findings += instance_rules.id_problems(seen.entity)
        site.settle(findings)

    @keyword("Ends Of Links Should Be There", tags=["conformance"])
    def ends_of_links_should_be_there(self) -> None:
        """Fails unless what a link leads to on the site is there, is a resource, and of the kind that rel says (GFD.183 §4.5.3).

        What a link leads to elsewhere, as OCCI 1.2 allows, is not looked at.

        Raises:
            SkipExecution: where no resource that this account sees has a link to something on the site.
            StepFailed: names link and end.

        Example:
        | Ends Of Links Should Be There
        """
        reader, site = self._reader, self._site
        findings: list[Finding] = []
        with site.checking("the ends of the links that the site lists"):
            model, targets = reader.model(), self._targets()
            if not targets:
                raise CannotBeShownError(
                    "no resource that this account sees has a link to something on the site"
                )
            for owner, target in targets:
                exchange = reader.ask(target)
                kind = reader.shown(exchange, target).entity.kind if exchange.succeeded else ""
                findings += link_rules.end_problems(owner, target, exchange.status, kind, model)
        site.settle(findings)

    def _links(self) -> list[tuple[Entity, Link, str]]:
        every = [(one.entity, link) for one in self._reader.sample() for link in one.entity.links]
        if not every:
            raise CannotBeShownError("no resource that this account sees has a link")
        found = [(owner, link, self._reader.link_url(link)) for owner, link in every[:_MOST_LINKS]]
        if not any(url for _, _, url in found):
            raise CannotBeShownError("the links that resources show do not tell their own addresses")
        return [one for one in found if one[2]]

    def _targets(self) -> list[tuple[Entity, str]]:
        endpoint = self._site.client.endpoint
        every = [
            (one.entity, link_rules.target_of(link))
            for one in self._reader.sample()
            for link in one.entity.links
        ]
        here = [one for one in every if one[1] and link_rules.is_on_site(one[1], endpoint)]
        return here[:_MOST_LINKS]


def _linked(entity: Entity) -> Entity:
    if not entity.links:
        raise CannotBeShownError("no resource that this account sees has a link")
    return entity


def _holds(urls: tuple[str, ...], vm: Seen) -> bool:
    return path_of(vm.entity.url) in {path_of(url) for url in urls}


def _lacks(vm: Seen, category_id: str, told: str) -> Finding:
    expected = f"{shown_url(vm.entity.url)} in the collection of {category_id}, which it has"
    return Finding(_COLLECTION, expected, f"it is not there ({told})")
