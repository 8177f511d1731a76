*** Settings ***
Documentation     What entities show: the tester's VM, and the first ten of every kind that is listed (GFD.183 §4.5,
...               GFD.221 §5.4).

Resource          ../../../resources/conformance_core.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    core    read

Name              CO2 Entities

*** Test Cases ***
CO2.1 The VM is in the collection of its kind, and in no other kind's
    [Documentation]    Objective: a collection holds the entities of its kind.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §11.1.
    ...    *Passes* if the VM is listed where its kind is, and nowhere where another kind is.
    ...    *Fails* otherwise.
    [Tags]    GFD.185-3.4.3    GFD.223-11.1    etsi:TD/OCCI/CORE/READ/001    pocci:OCCI/CORE/READ/001
    Fail If The VM Is Not Where Its Kind Is

CO2.2 Every entity has one kind, which is offered
    [Documentation]    Objective: an entity has exactly one kind, that of the collection in which it is listed.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.4.2, GFD.185 §3.4.3. 1.2: GFD.221 §5.3.3, GFD.223 §11.1.
    ...    *Passes* if each entity that was looked at has.
    ...    *Remark* if the kinds from which it descends are shown beside it.
    ...    *Fails* if one has none, several, one that discovery does not show, or another than it is listed under, or
    ...    cannot be read though it is listed.
    [Tags]    GFD.183-4.4.2    GFD.221-5.3.3    etsi:TD/OCCI/CORE/READ/007    pocci:OCCI/CORE/READ/007
    Fail If An Entity Does Not Have One Offered Kind

CO2.3 The mixins of entities are offered, and apply to them
    [Documentation]    Objective: what is added to an entity can be looked up.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.221 §5.3.4.
    ...    *Passes* if each mixin of each entity is.
    ...    *Fails* if discovery does not show one, or says that it applies to other kinds.
    ...    *Skips* if no entity has a mixin.
    [Tags]    GFD.185-3.4.1    GFD.221-5.3.4    etsi:TD/OCCI/CORE/READ/007
    Fail If An Entity Has A Mixin That Is Not Offered

CO2.4 The actions of entities are those of their types
    [Documentation]    Objective: an entity offers what its kind and mixins name.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.4, GFD.185 §3.4.1. 1.2: GFD.221 §5.3.5.
    ...    *Passes* if each action that an entity offers is in discovery, and named by its kind or one of its mixins.
    ...    *Fails* otherwise.
    ...    *Skips* if no entity offers an action now.
    [Tags]    GFD.183-4.5.4    GFD.185-3.4.1    GFD.221-5.3.5    etsi:TD/OCCI/CORE/READ/007
    Fail If An Entity Offers An Action Of Another Type

CO2.5 Every attribute of an entity is declared
    [Documentation]    Objective: discovery tells which attributes an entity can have.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.4.1. 1.2: GFD.221 §5.3.2.
    ...    *Passes* if kind, its parents or mixins declare each attribute of each entity.
    ...    *Remark* if the OCCI documents do, but discovery does not.
    ...    *Fails* if nothing does.
    [Tags]    GFD.183-4.4.1    GFD.221-5.3.2    etsi:TD/OCCI/CORE/READ/007
    Fail If An Attribute Is Not Declared

CO2.6 Every entity has an id that a URI can hold
    [Documentation]    Objective: occi.core.id identifies an entity; it is a URI, of any form.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5, GFD.185 §3.1. 1.2: GFD.221 §5.4.
    ...    *Passes* if each entity shows one.
    ...    *Fails* if one shows none, or one with characters that no URI has.
    [Tags]    GFD.183-4.5    GFD.185-3.1    GFD.221-5.4
    Fail If An Entity Has No Proper Id

CO2.7 No two entities have the same id
    [Documentation]    Objective: an id is unique at its provider.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5, GFD.185 §3.1. 1.2: GFD.221 §5.4.
    ...    *Passes* if all ids of the entities that were looked at differ.
    ...    *Fails* if two are the same.
    ...    *Skips* if this account sees fewer than two entities.
    [Tags]    GFD.183-4.5    GFD.185-3.1    GFD.221-5.4
    Fail If Two Entities Have The Same Id

CO2.8 The collection of a mixin holds what has the mixin
    [Documentation]    Objective: entities can be found by their mixins.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §11.1.
    ...    *Passes* if the VM is in the collection of each of its mixins, and in none of a mixin that it has not.
    ...    *Fails* otherwise.
    ...    *Skips* if the VM has no mixin, the site offers no other one, or it lists no collections of mixins.
    [Tags]    GFD.185-3.4.3    GFD.223-11.1    etsi:TD/OCCI/CORE/READ/001    pocci:OCCI/CORE/READ/001
    Fail If The VM Is Not Where Its Mixins Are
