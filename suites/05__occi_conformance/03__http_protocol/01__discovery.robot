*** Settings ***
Documentation     The query interface, by which a client learns what a site offers (GFD.185 §3.4.1, GFD.223 §9).

Resource          ../../../resources/conformance.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    read

Name              HP1 Discovery

*** Test Cases ***
HP1.1 The query interface shows all kinds, mixins and actions
    [Documentation]    Objective: a client finds the query interface at ``/-/`` below the service's root, in the media
    ...    type it asks for.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.223 §9.
    ...    *Passes* with 200, in the media type asked for, with kinds in it.
    ...    *Remark* if the kinds of the core (entity, resource, link) are not shown.
    ...    *Fails* otherwise.
    [Tags]    GFD.185-3.4.1    GFD.223-9    etsi:TD/OCCI/CORE/DISCOVERY/001    pocci:OCCI/CORE/DISCOVERY/001
    Ask For Discovery And Fail If It Is Not Whole

HP1.2 The query interface shows the types that the VM has
    [Documentation]    Objective: what a site's resources are made of can be looked up.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.223 §9.
    ...    *Passes* if discovery shows the kind, the mixins and the actions that the VM is rendered with.
    ...    *Fails* if one of them is missing.
    ...    *Skips* if the VM is rendered without any type.
    [Tags]    GFD.185-3.4.1    GFD.223-9
    Fail If Discovery Lacks A Type Of The VM

HP1.3 A filter on discovery leaves other categories out
    [Documentation]    Objective: a client that asks for one category, by a Category in the header, gets that one.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.223 §7 (deprecated there).
    ...    *Passes* if compute stays and what has nothing to do with it goes.
    ...    *Fails* if something unrelated stays, or compute is not there.
    ...    *Skips* if a site of OCCI 1.2 alone does not filter.
    [Tags]    GFD.185-3.4.1
    ...    GFD.223-7
    ...    etsi:TD/OCCI/CORE/DISCOVERY/002
    ...    pocci:OCCI/CORE/DISCOVERY/002
    ...    dyso:ctf_341
    Fail If Discovery Filtered By Compute Shows Something Else

HP1.4 A filter for an unknown category finds nothing
    [Documentation]    Objective: a filter that nothing fits is no filter for everything.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.223 §7 (deprecated there).
    ...    *Passes* with an empty answer, or 404 or another refusal: the documents leave that open.
    ...    *Fails* if categories are shown.
    ...    *Skips* if a filter for a known kind finds nothing either, or a site of 1.2 alone does not filter.
    [Tags]    GFD.185-3.4.1    GFD.223-7
    Fail If Discovery Filtered By An Unknown Category Shows Anything

HP1.5 The well-known address shows the same
    [Documentation]    Objective: ``/.well-known/org/ogf/occi/-/`` (RFC 5785) behaves as ``/-/`` does.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.7. 1.2: GFD.223 §9.
    ...    *Passes* if both show the same categories with the same attributes and actions.
    ...    *Fails* if they differ.
    ...    *Skips* if there is nothing at the well-known address, which is optional.
    [Tags]    GFD.185-3.6.7    GFD.223-9    dyso:ctf_341    dyso:ctf_367
    Fail If The Well-Known Address Shows Something Else
