*** Settings ***
Documentation     Single entities: how one is rendered, and how one that is not there is told (GFD.185 §3.4.4).

Resource          ../../../resources/conformance_http.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    read

Name              HP3 Entities

*** Test Cases ***
HP3.1 The VM is rendered with its kind and attributes
    [Documentation]    Objective: GET of an entity shows what it is.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4. 1.2: GFD.223 §8.
    ...    *Passes* with 200 and one entity that has a kind and attributes.
    ...    *Fails* otherwise.
    [Tags]    GFD.185-3.4.4    GFD.223-8    etsi:TD/OCCI/CORE/READ/005    etsi:TD/OCCI/CORE/READ/007
    ...    pocci:OCCI/CORE/READ/007    dyso:ctf_344
    Fail If The VM Is Not Rendered

HP3.2 What does not exist is not found
    [Documentation]    Objective: a client learns that there is nothing at an address.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* with 404 or 410.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if something is shown, or the server has an error.
    [Tags]    GFD.185-3.6.8    GFD.223-5.4
    Fail If An Entity That Does Not Exist Is Found
