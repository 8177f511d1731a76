*** Settings ***
Documentation     Updates of the VM, judged by what is read back (GFD.185 §3.4.4, GFD.223 §10.2.2).

Resource          ../../../resources/conformance_http.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    change    GFD.185-3.4.4    GFD.223-10.2.2    dyso:ctf_344    peer:mart

Name              HP4 Updates

*** Test Cases ***
HP4.1 A partial update changes what it names and nothing else
    [Documentation]    Objective: POST of one attribute to an entity changes that attribute.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4. 1.2: GFD.223 §10.2.2.
    ...    *Passes* if the new value is read back, and everything else of the VM is as before.
    ...    *Remark* if the status is another 2xx than 200 or 201.
    ...    *Fails* if it is refused, not stored, or something else changes.
    ...    *Skips* if the site has no partial update (405, 501), or the VM no title, summary or host name.
    Have The VM Inactive
    Fail If A Partial Update Takes No Effect

HP4.2 A full update changes what differs and nothing else
    [Documentation]    Objective: PUT of a whole entity replaces it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4. 1.2: GFD.223 §10.2.2.
    ...    *Passes* if the new value is read back, and everything else of the VM, its links too, is as before.
    ...    *Remark* if the status is another 2xx than 200 or 201, or it must leave out what discovery calls changeable.
    ...    *Fails* if it is refused, not stored, or something else changes.
    ...    *Skips* if the site has no full update (405, 501), or is known to make something else of it.
    [Tags]    etsi:TD/OCCI/CORE/UPDATE/001    pocci:OCCI/CORE/UPDATE/001
    Have The VM Inactive
    Fail If A Full Update Takes No Effect
