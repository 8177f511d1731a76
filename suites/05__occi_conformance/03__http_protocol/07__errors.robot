*** Settings ***
Documentation     Errors: what is wrong is refused, and changes nothing (GFD.185 §3.6.8, GFD.223 §5.4).

Resource          ../../../resources/conformance_http.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    change

Name              HP7 Errors

*** Test Cases ***
HP7.1 An unknown category is refused
    [Documentation]    Objective: an update of the VM with a mixin that the site does not have.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* with 404, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site takes no partial update at all.
    [Tags]    GFD.185-3.6.8    GFD.223-5.4
    Have The VM Inactive
    Fail If An Update With An Unknown Category Is Accepted

HP7.2 A malformed category is refused
    [Documentation]    Objective: an update of the VM with a Category that cannot be read.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8, §3.5.1. 1.2: GFD.223 §5.4.
    ...    *Passes* with 400, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site takes no partial update at all.
    [Tags]    GFD.185-3.6.8    GFD.185-3.5.1    GFD.223-5.4
    Have The VM Inactive
    Fail If An Update With A Malformed Category Is Accepted

HP7.3 A malformed attribute is refused
    [Documentation]    Objective: an update of the VM with an attribute that has no value.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8, §3.5.4. 1.2: GFD.223 §5.4.
    ...    *Passes* with 400, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site takes no partial update at all.
    [Tags]    GFD.185-3.6.8    GFD.185-3.5.4    GFD.223-5.4
    Have The VM Inactive
    Fail If An Update With A Malformed Attribute Is Accepted

HP7.4 A category of the wrong class is refused
    [Documentation]    Objective: an update of the VM that calls the kind network a mixin.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* with 400 or 404, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site takes no partial update at all, or discovery does not show the kind network.
    [Tags]    GFD.185-3.6.8    GFD.223-5.4
    Have The VM Inactive
    Fail If An Update With A Category Of The Wrong Class Is Accepted

HP7.5 An immutable attribute is refused
    [Documentation]    Objective: an update of the VM's state, which actions alone change.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8, GFD.184 §3.1. 1.2: GFD.223 §5.4, GFD.224 §3.1.
    ...    *Passes* with 403, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site takes no partial update at all.
    [Tags]    GFD.185-3.6.8    GFD.184-3.1    GFD.223-5.4    GFD.224-3.1
    Have The VM Inactive
    Fail If An Update Of The State Is Accepted

HP7.6 An unknown attribute is refused
    [Documentation]    Objective: an update of the VM with an attribute that none of its types has.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* with 404, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site takes no partial update at all.
    [Tags]    GFD.185-3.6.8    GFD.223-5.4
    Have The VM Inactive
    Fail If An Update Of An Unknown Attribute Is Accepted

HP7.7 An unsupported media type is refused
    [Documentation]    Objective: an update of the VM whose Content-Type no server knows.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2.
    ...    *Passes* with 400, 406 or 415, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the site takes no partial update at all.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2
    Have The VM Inactive
    Fail If An Update In An Unsupported Media Type Is Accepted

HP7.8 An unknown action is refused
    [Documentation]    Objective: an action that no document knows is not taken for another one.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* with 404 or 400, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or something changes.
    ...    *Skips* if the VM offers no action at all.
    [Tags]    GFD.185-3.6.8    GFD.223-5.4    peer:erocci
    Have The VM Inactive
    Fail If An Unknown Action Is Accepted

HP7.9 An unknown method of an action is refused
    [Documentation]    Objective: stop with a method that no document knows does not stop the VM.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.8, GFD.184 §3.1. 1.2: GFD.224 §3.1.
    ...    *Passes* with 400, and the VM as before.
    ...    *Remark* with another refusal (4xx).
    ...    *Fails* if it is accepted, or the VM stops.
    ...    *Skips* if the VM does not become active, or offers no action at all.
    [Tags]    GFD.185-3.6.8    GFD.184-3.1    GFD.224-3.1
    Have The VM Active
    Fail If An Unknown Method Is Accepted
