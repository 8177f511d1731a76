*** Settings ***
Documentation     The state machine of compute, on the tester's VM: each action is seen in the state, and each state in
...               the actions that are offered (GFD.184 §3.1, GFD.224 §3.1). A restart leads from active to active, so
...               that no state shows it: test case 4 of the agreed ones watches it from outside.

Resource          ../../../resources/conformance_infrastructure.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    infrastructure    change    GFD.184-3.1    GFD.224-3.1

Name              IN3 Actions and states

*** Test Cases ***
IN3.1 Start leads from inactive to active
    [Documentation]    Objective: the action start is seen in the state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.4.4. 1.2: GFD.224 §3.1, GFD.223 §10.3.2.
    ...    *Passes* if the VM is active within TRANSITION_TIMEOUT.
    ...    *Fails* if the site refuses the action, or the VM ends in another state.
    ...    *Skips* if the VM cannot be brought into state inactive, or the action is not offered then.
    [Tags]    GFD.185-3.4.4    GFD.223-10.3.2    etsi:TD/OCCI/CORE/MISC/001    pocci:OCCI/CORE/MISC/001    dyso:ctf_344
    Have The VM Inactive
    Fail If The Action Is Not Seen In The State    start

IN3.2 The active VM offers stop, restart and suspend
    [Documentation]    Objective: a client sees what can be done now.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.5.3. 1.2: GFD.224 §3.1, GFD.229 §5.1.
    ...    *Passes* if they are offered (1.2: and save).
    ...    *Remark* if start is too.
    ...    *Fails* if one is not offered within five seconds.
    ...    *Skips* if the VM cannot be brought into state active.
    [Tags]    GFD.185-3.5.3    GFD.229-5.1
    Have The VM Active
    Fail If The Actions Do Not Fit The State

IN3.3 Suspend leads from active to suspended
    [Documentation]    Objective: the action suspend is seen in the state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.4.4. 1.2: GFD.224 §3.1, GFD.223 §10.3.2.
    ...    *Passes* if the VM is suspended within TRANSITION_TIMEOUT.
    ...    *Fails* if the site refuses the action, or the VM ends in another state.
    ...    *Skips* if the VM cannot be brought into state active, or the action is not offered then.
    [Tags]    GFD.185-3.4.4    GFD.223-10.3.2    pocci:OCCI/CORE/MISC/001
    Have The VM Active
    Fail If The Action Is Not Seen In The State    suspend

IN3.4 The suspended VM offers start
    [Documentation]    Objective: a client sees what can be done now.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.5.3. 1.2: GFD.224 §3.1, GFD.229 §5.1.
    ...    *Passes* if start is offered.
    ...    *Remark* if stop, restart or suspend are too.
    ...    *Fails* if start is not offered within five seconds.
    ...    *Skips* if the VM is not in state suspended.
    [Tags]    GFD.185-3.5.3    GFD.229-5.1
    Skip Unless VM Is In State    suspended    hint=IN3.3 suspends it
    Fail If The Actions Do Not Fit The State

IN3.5 Start leads from suspended to active
    [Documentation]    Objective: a suspended VM is resumed by start.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.4.4. 1.2: GFD.224 §3.1, GFD.223 §10.3.2.
    ...    *Passes* if the VM is active within TRANSITION_TIMEOUT.
    ...    *Fails* if the site refuses the action, or the VM ends in another state.
    ...    *Skips* if the VM is not in state suspended, or start is not offered then.
    [Tags]    GFD.185-3.4.4    GFD.223-10.3.2
    Skip Unless VM Is In State    suspended    hint=IN3.3 suspends it
    Fail If The Action Is Not Seen In The State    start

IN3.6 Stop leads from active to inactive
    [Documentation]    Objective: the action stop is seen in the state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.4.4. 1.2: GFD.224 §3.1, GFD.223 §10.3.2.
    ...    *Passes* if the VM is inactive within TRANSITION_TIMEOUT.
    ...    *Fails* if the site refuses the action, or the VM ends in another state.
    ...    *Skips* if the VM cannot be brought into state active, or the action is not offered then.
    [Tags]    GFD.185-3.4.4    GFD.223-10.3.2    etsi:TD/OCCI/CORE/MISC/001
    Have The VM Active
    Fail If The Action Is Not Seen In The State    stop

IN3.7 The inactive VM offers start
    [Documentation]    Objective: a client sees what can be done now.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.5.3. 1.2: GFD.224 §3.1, GFD.229 §5.1.
    ...    *Passes* if start is offered.
    ...    *Remark* if stop, restart or suspend are too.
    ...    *Fails* if start is not offered within five seconds.
    ...    *Skips* if the VM is not in state inactive.
    [Tags]    GFD.185-3.5.3    GFD.229-5.1
    Skip Unless VM Is In State    inactive    hint=IN3.6 stops it
    Fail If The Actions Do Not Fit The State
