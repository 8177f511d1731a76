*** Settings ***
Documentation     What OCCI 1.2 changes in how a VM is shown, and in what can be changed on it (GFD.224).

Resource          ../../../resources/conformance_1_2.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Unless The Site Speaks OCCI 1.2

Test Tags         conformance    occi-1.2

Name              NV3 The VM

*** Test Cases ***
NV3.1 The VM is in a state of OCCI 1.2
    [Documentation]    Objective: a client knows the states: active, inactive, suspended, and new in 1.2 error.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.1.
    ...    *Passes* with one of them. *Fails* with another, or without a state.
    [Tags]    read    GFD.224-3.1
    Fail If The State Of The VM Is None Of OCCI 1.2

NV3.2 The VM's IP interfaces show their addresses
    [Documentation]    Objective: a client learns the VM's address from its links.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3 (ipnetworkinterface: address and allocation, each once).
    ...    *Passes* if each link of the VM with that mixin shows both.
    ...    *Fails* if one shows none.
    ...    *Skips* if the VM has no such link.
    [Tags]    read    GFD.224-3
    Fail If An IP Interface Of The VM Shows No Address

NV3.3 The VM's share can be changed, and nothing else changes
    [Documentation]    Objective: the share of the processors, new in 1.2, is set as other attributes are.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.1.
    ...    *Passes* if the new share is read back, and all else is as it was.
    ...    *Fails* if the site refuses the change, or takes it and does something else.
    ...    *Skips* if the VM shows no share, or is not inactive.
    [Tags]    change    GFD.224-3.1
    Skip Unless The VM Shows A Share And Is Inactive
    Change The Share Of The VM
    Fail If The Share Did Not Change, Or Something Else Did
