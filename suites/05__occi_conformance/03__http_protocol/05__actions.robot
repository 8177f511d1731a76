*** Settings ***
Documentation     Actions on the VM, judged by the state they lead to (GFD.185 §3.4.4, GFD.223 §10.3.2).

Resource          ../../../resources/conformance_http.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    change    GFD.185-3.4.4

Name              HP5 Actions

*** Test Cases ***
HP5.1 Start is seen in the state
    [Documentation]    Objective: POST of an action to an entity performs it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4, GFD.184 §3.1. 1.2: GFD.223 §10.3.2, GFD.224 §3.1.
    ...    *Passes* if the inactive VM becomes active.
    ...    *Fails* if start is refused though it is offered, or the state does not come in time.
    ...    *Skips* if the VM does not become inactive first, or start is not offered then.
    [Tags]    GFD.184-3.1    GFD.223-10.3.2    GFD.224-3.1    etsi:TD/OCCI/CORE/MISC/001
    ...    pocci:OCCI/CORE/MISC/001    dyso:ctf_344    peer:snf-occi    peer:occi-os
    Have The VM Inactive
    Fail If The Action Is Not Seen In The State    start

HP5.2 Stop is seen in the state
    [Documentation]    Objective: POST of an action to an entity performs it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4, GFD.184 §3.1. 1.2: GFD.223 §10.3.2, GFD.224 §3.1.
    ...    *Passes* if the active VM becomes inactive.
    ...    *Fails* if stop is refused though it is offered, or the state does not come in time.
    ...    *Skips* if the VM does not become active first, or stop is not offered then.
    [Tags]    GFD.184-3.1    GFD.223-10.3.2    GFD.224-3.1    etsi:TD/OCCI/CORE/MISC/001
    ...    pocci:OCCI/CORE/MISC/001    peer:snf-occi    peer:occi-os    peer:mart    peer:erocci
    Have The VM Active
    Fail If The Action Is Not Seen In The State    stop

HP5.3 An action that does not apply is refused
    [Documentation]    Objective: stop of an inactive VM does nothing, and the client learns that.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4. 1.2: GFD.223 §5.4.
    ...    *Passes* with 400 (1.2: 409 too), and the VM as before.
    ...    *Remark* with another refusal.
    ...    *Fails* if the site says that it did it, or something changes.
    ...    *Skips* if the VM does not become inactive, or offers no action at all.
    [Tags]    GFD.223-5.4
    Have The VM Inactive
    Fail If An Action That Does Not Apply Is Accepted
