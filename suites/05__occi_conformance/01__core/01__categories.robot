*** Settings ***
Documentation     Kinds, mixins and actions as discovery shows them: identity, relations, names, locations (GFD.183
...               §4.4,
...               GFD.221 §5.3).

Resource          ../../../resources/conformance_core.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    core    read

Name              CO1 Categories

*** Test Cases ***
CO1.1 The kinds of the core are offered
    [Documentation]    Objective: every type of a site descends from entity, resource and link, which can be looked up.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5, GFD.185 §3.4.1. 1.2: GFD.221 §5.4, GFD.223 §9.
    ...    *Passes* if discovery shows all three as kinds.
    ...    *Remark* if one is missing: servers of the documents' own authors leave them out, for they have no instances.
    ...    *Fails* if one is shown as something other than a kind.
    [Tags]    GFD.183-4.5    GFD.221-5.4    etsi:TD/OCCI/CORE/DISCOVERY/001    pocci:OCCI/CORE/DISCOVERY/001
    Fail If A Kind Of The Core Is Not Offered

CO1.2 Every kind descends from entity
    [Documentation]    Objective: the line of parents mirrors inheritance and ends in entity.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.4.2. 1.2: GFD.221 §5.3.3.
    ...    *Passes* if the parents of every kind lead there.
    ...    *Fails* if a parent is not offered (but for those of the core), a kind but entity has none, or they lead in a
    ...    circle.
    [Tags]    GFD.183-4.4.2    GFD.221-5.3.3
    Fail If A Kind Does Not Descend From Entity

CO1.3 Scheme and term name one category
    [Documentation]    Objective: a category is known by scheme and term together.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.4.1. 1.2: GFD.221 §5.3.1.
    ...    *Passes* if no two categories of discovery have the same.
    ...    *Remark* if one is shown twice with the same content.
    ...    *Fails* if two of different content have the same.
    [Tags]    GFD.183-4.4.1    GFD.221-5.3.1
    Fail If Two Categories Have The Same Name

CO1.4 Schemes and terms are well-formed
    [Documentation]    Objective: a scheme is a URI, a term is one word of the grammar.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.4.1, GFD.185 §3.5.1. 1.2: GFD.221 §5.3.1, GFD.229 §4.
    ...    *Passes* if all are.
    ...    *Remark* if a scheme does not end in #, or a term is legal in one of the OCCIs that the site speaks alone.
    ...    *Fails* otherwise.
    [Tags]    GFD.183-4.4.1    GFD.185-3.5.1    GFD.221-5.3.1    GFD.229-4
    Fail If A Scheme Or Term Is Ill-Formed

CO1.5 The site's own categories have names of its own
    [Documentation]    Objective: ``http://schemas.ogf.org/occi/`` and attribute names below ``occi.`` are the OGF's.
    ...
    ...    *Clauses*: 1.2: GFD.221 §5.3.1, §5.3.2, §5.5.1.
    ...    *Passes* if what no document defines has other names.
    ...    *Remark* if not: it does no harm until a document defines the same.
    ...    *Fails* only if discovery cannot be read.
    [Tags]    GFD.221-5.3.1    GFD.221-5.3.2    GFD.221-5.5.1
    Remark On Names That Are Not The Site's

CO1.6 Kinds and mixins have locations
    [Documentation]    Objective: a client learns from discovery where the entities of a kind or mixin are.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.3.1. 1.2: GFD.223 §4.
    ...    *Passes* if all but the core's kinds have a location that ends in /.
    ...    *Remark* if a mixin has none, or what only one of the OCCIs that the site speaks demands is not so.
    ...    *Fails* if a kind has none, one does not end in / (1.1), or entity has one (1.2).
    [Tags]    GFD.185-3.3.1    GFD.223-4
    Fail If A Kind Or Mixin Has No Location

CO1.7 Actions belong to kinds or mixins
    [Documentation]    Objective: what can be done to an entity is what its types name.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.4, GFD.185 §3.4.1. 1.2: GFD.221 §5.3.5, GFD.223 §9.
    ...    *Passes* if each action that a kind or mixin names is offered, and each offered one is named.
    ...    *Remark* if an offered one is named by none.
    ...    *Fails* if a named one is not offered.
    [Tags]    GFD.183-4.5.4    GFD.185-3.4.1    GFD.221-5.3.5    GFD.223-9
    Fail If A Named Action Is Not Offered

CO1.8 Mixins refer to what is offered
    [Documentation]    Objective: what a mixin depends on and applies to can be looked up.
    ...
    ...    *Clauses*: 1.2: GFD.221 §5.3.4, GFD.229 §5.5.2.
    ...    *Passes* if each mixin and kind that a mixin refers to is offered.
    ...    *Remark* if a mixin depends on a kind, to which it can only apply.
    ...    *Fails* if one is not offered.
    ...    *Skips* if the site offers no mixin.
    [Tags]    GFD.221-5.3.4    GFD.229-5.5.2
    Fail If A Mixin Refers To What Is Not Offered

CO1.9 Attribute definitions are well-formed
    [Documentation]    Objective: the attributes that categories declare can be written.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.1. 1.2: GFD.229 §4, GFD.226 §11.
    ...    *Passes* if their names are of the grammar, and their types are known.
    ...    *Remark* if a name stands twice, or is legal in one of the OCCIs that the site speaks alone.
    ...    *Fails* otherwise.
    [Tags]    GFD.185-3.5.1    GFD.226-11    GFD.229-4
    Fail If An Attribute Definition Is Ill-Formed
