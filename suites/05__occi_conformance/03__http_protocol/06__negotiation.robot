*** Settings ***
Documentation     Media types: an answer comes as it was asked for (GFD.185 §3.6.6, GFD.223 §5.2).

Resource          ../../../resources/conformance_http.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    read

Name              HP6 Negotiation

*** Test Cases ***
HP6.1 The VM comes in text/plain
    [Documentation]    Objective: the rendering that every site of OCCI 1.1 must have is there.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2.
    ...    *Passes* if the answer's Content-Type is text/plain and it can be read.
    ...    *Fails* otherwise.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer it.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2    dyso:ctf_366
    Fail If The VM Does Not Come In    text/plain

HP6.2 The VM comes in text/occi
    [Documentation]    Objective: the rendering in header fields, which every site of OCCI 1.1 must have, is there.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2.
    ...    *Passes* if the answer's Content-Type is text/occi and it can be read.
    ...    *Fails* otherwise.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer it.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2    dyso:ctf_366
    Fail If The VM Does Not Come In    text/occi

HP6.3 The collection comes in text/uri-list
    [Documentation]    Objective: the rendering as a list, which every site of OCCI 1.1 must have, is there.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2.
    ...    *Passes* if the answer's Content-Type is text/uri-list and the VM is in it.
    ...    *Fails* otherwise.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer it.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2    dyso:ctf_342_343
    Fail If The Collection Does Not Come In    text/uri-list

HP6.4 Text/occi says the same of the VM
    [Documentation]    Objective: a rendering is a form, and what it says does not depend on it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2.
    ...    *Passes* if kind, mixins, actions, links and attributes are those of another rendering.
    ...    *Fails* if something differs.
    ...    *Skips* if the site does not offer the two renderings, and may do without.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2
    Fail If The VM Is Another One In    text/occi

HP6.5 Text/occi says the same in discovery
    [Documentation]    Objective: discovery in header fields shows all that discovery shows.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.223 §9.
    ...    *Passes* if categories, attributes and actions are those of another rendering.
    ...    *Fails* if something differs.
    ...    *Skips* if the site does not offer the two renderings, and may do without.
    [Tags]    GFD.185-3.4.1    GFD.223-9    peer:rocci-server    peer:erocci
    Fail If Discovery Is Another One In    text/occi

HP6.6 Who takes anything gets text/plain
    [Documentation]    Objective: a client that names no media type can read the answer.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2.
    ...    *Passes* with text/plain; with any rendering of OCCI on a site of OCCI 1.2 alone.
    ...    *Remark* if a site of both versions answers in another rendering.
    ...    *Fails* otherwise.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2
    Fail If The Default Is No Plain Text

HP6.7 What cannot be rendered is refused
    [Documentation]    Objective: a client that takes image/png alone is not answered in something else.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2.
    ...    *Passes* with 406.
    ...    *Remark* with another refusal.
    ...    *Fails* if the site answers all the same, or has an error.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2
    Fail If An Impossible Media Type Is Answered

HP6.8 One entity is no list of URIs
    [Documentation]    Objective: text/uri-list is for collections; for one entity it is refused.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6.
    ...    *Passes* with 400 or 406.
    ...    *Remark* with another refusal, or if a site of 1.2 too answers: 1.2 does not say that it must not.
    ...    *Fails* if the site answers all the same, or has an error.
    ...    *Skips* if a site of 1.2 alone answers.
    [Tags]    GFD.185-3.6.6
    Fail If The VM Comes As A List Of URIs
