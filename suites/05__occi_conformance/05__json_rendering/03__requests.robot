*** Settings ***
Documentation     Requests in JSON, judged by their effect (GFD.226 §3).

Resource          ../../../resources/conformance_json.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    json    change    GFD.226-3

Name              JS3 Requests

*** Test Cases ***
JS3.1 A partial update in JSON takes effect
    [Documentation]    Objective: POST of an attribute in JSON changes that attribute.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3, GFD.223 §10.2.2.
    ...    *Passes* if the new value is read back, and everything else of the VM is as before.
    ...    *Fails* if it is refused, not stored, or something else changes.
    ...    *Skips* if the site does not answer in JSON, or has no partial update (405, 501).
    [Tags]    GFD.223-10.2.2    peer:erocci    peer:mart
    Have The VM Inactive
    Fail If A Partial Update In JSON Takes No Effect

JS3.2 An action in JSON takes effect
    [Documentation]    Objective: POST of an action in JSON performs it.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3, GFD.223 §10.3.2.
    ...    *Passes* if the inactive VM becomes active.
    ...    *Fails* if start is refused though it is offered, or the state does not come in time.
    ...    *Skips* if the site does not answer in JSON, or the VM does not become inactive first.
    [Tags]    GFD.223-10.3.2    peer:erocci    peer:mart
    Have The VM Inactive
    Fail If An Action In JSON Takes No Effect

JS3.3 Malformed JSON is refused
    [Documentation]    Objective: what is no JSON changes nothing.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* with 400, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site does not answer in JSON, or takes no partial update at all.
    [Tags]    GFD.185-3.6.8    GFD.223-5.4
    Have The VM Inactive
    Fail If Malformed JSON Is Accepted

JS3.4 JSON that departs from the schema is refused
    [Documentation]    Objective: attributes that are a list, not an object, change nothing.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8. 1.2: GFD.223 §5.4, GFD.226 §11.
    ...    *Passes* with 400, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site does not answer in JSON, or takes no partial update at all.
    [Tags]    GFD.185-3.6.8    GFD.223-5.4    GFD.226-11
    Have The VM Inactive
    Fail If JSON Beyond The Schema Is Accepted
