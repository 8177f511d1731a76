*** Settings ***
Documentation     Mixins that users define themselves, as tags for instance (GFD.185 §3.4.1, §3.4.3, GFD.221 §5.5.3).
...               Needs
...               MAY_CREATE in the site file: one mixin is defined under a term of this run's own, and two networks of
...               this run's own get it. All is noted before it is asked for; what the last tests do not remove goes at
...               the end of the run, or at the next one where this one is killed. Mixins of the site are left alone.

Resource          ../../../resources/conformance_core.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    core    create

Name              CO4 Mixins of users

*** Test Cases ***
CO4.1 A user defines a mixin
    [Documentation]    Objective: POST of a mixin to the query interface adds it to what the site offers.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.221 §5.5.3, GFD.223 §9.
    ...    *Passes* if discovery shows the mixin with its location.
    ...    *Fails* if the site takes it and does not show it, or refuses it as wrong.
    ...    *Skips* if MAY_CREATE is not True, or users cannot define mixins here (403, 404, 405, 501).
    [Tags]    GFD.185-3.4.1    GFD.221-5.5.3    GFD.223-9    etsi:TD/OCCI/CORE/CREATE/006    pocci:OCCI/CORE/CREATE/006
    ...    dyso:ctf_341
    Fail If A Mixin Of My Own Cannot Be Defined

CO4.2 An entity gets the mixin
    [Documentation]    Objective: POST of an address to the mixin's collection gives the mixin to that entity alone.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §11.
    ...    *Passes* if the entity shows the mixin, and the mixin's collection holds it and nothing else.
    ...    *Fails* otherwise.
    ...    *Skips* if CO4.1 defined nothing, or no network can be created to get it.
    [Tags]    GFD.185-3.4.3    GFD.223-11    dyso:ctf_342_343
    Fail If An Entity Does Not Get The Mixin

CO4.3 The members of the mixin are replaced
    [Documentation]    Objective: PUT of an address to the mixin's collection makes that entity the only member.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §11.
    ...    *Passes* if the new member shows the mixin, the old one no longer, and the collection holds the new one
    ...    alone.
    ...    *Fails* otherwise.
    ...    *Skips* if CO4.2 gave the mixin to nothing, or members cannot be replaced (405, 501).
    [Tags]    GFD.185-3.4.3    GFD.223-11    dyso:ctf_342_343
    Fail If The Members Of The Mixin Are Not Replaced

CO4.4 The mixin is taken from an entity, which is left
    [Documentation]    Objective: DELETE of an address at the mixin's collection takes the mixin away, not the entity.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §11.
    ...    *Passes* if the entity is there without the mixin, and the collection does not hold it.
    ...    *Fails* otherwise.
    ...    *Skips* if CO4.2 gave the mixin to nothing, or members cannot be taken away (405, 501).
    [Tags]    GFD.185-3.4.3    GFD.223-11    dyso:ctf_342_343
    Fail If The Mixin Is Not Taken Away

CO4.5 The user drops the mixin
    [Documentation]    Objective: DELETE of the mixin at the query interface removes it, and leaves the entities that
    ...    had it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.221 §5.5.3, GFD.223 §9.
    ...    *Passes* if discovery no longer shows the mixin, and the entities are there without it.
    ...    *Fails* otherwise.
    ...    *Skips* if CO4.1 defined nothing.
    [Tags]    GFD.185-3.4.1    GFD.221-5.5.3    GFD.223-9    dyso:ctf_341    dyso:ctf_342_343
    Fail If The Mixin Is Not Dropped
