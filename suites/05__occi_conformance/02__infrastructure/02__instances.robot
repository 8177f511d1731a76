*** Settings ***
Documentation     What the instances of the infrastructure's kinds show: types, values, states, actions (GFD.184 §3,
...               GFD.224 §3).
...               Looked at are the tester's VM and the first ten of every kind that is listed.

Resource          ../../../resources/conformance_infrastructure.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    infrastructure    read

Name              IN2 Instances

*** Test Cases ***
IN2.1 The values of each compute are of their types
    [Documentation]    Objective: architecture is x86 or x64, cores a whole number, memory and speed are numbers above
    ...    0.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1. 1.2: GFD.224 §3.1.
    ...    *Passes* if each value that is shown is so.
    ...    *Remark* if a word of an enumeration has capitals, or a size is 0.
    ...    *Fails* if a value is of another type, or out of its range.
    [Tags]    GFD.184-3.1    GFD.224-3.1
    Fail If A Value Is Of Another Type    compute

IN2.2 Each compute shows what it always has
    [Documentation]    Objective: a compute shows occi.compute.state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1. 1.2: GFD.224 §3.1.
    ...    *Passes* if each does.
    ...    *Remark* if another attribute is not shown, where the site speaks OCCI 1.1 alone: it wants all of them shown.
    ...    *Fails* otherwise.
    [Tags]    GFD.184-3.1    GFD.224-3.1
    Fail If An Attribute Is Not Shown    compute

IN2.3 The state of each compute is one of the document's
    [Documentation]    Objective: the state is active, inactive or suspended (1.2: or error).
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1. 1.2: GFD.224 §3.1.
    ...    *Passes* if it is.
    ...    *Remark* if it has capitals, or only one of the OCCIs that the site speaks knows it.
    ...    *Fails* otherwise.
    [Tags]    GFD.184-3.1    GFD.224-3.1
    Fail If A State Is None Of The Document's    compute

IN2.4 The values of each network are of their types
    [Documentation]    Objective: vlan is a whole number from 0 to 4095, allocation dynamic or static.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.2. 1.2: GFD.224 §3.
    ...    *Passes* if each value that is shown is so.
    ...    *Remark* if a word of an enumeration has capitals, or a size is 0.
    ...    *Fails* if a value is of another type, or out of its range.
    ...    *Skips* if this account sees no network.
    [Tags]    GFD.184-3.2    GFD.224-3
    Fail If A Value Is Of Another Type    network

IN2.5 Each network shows what it always has
    [Documentation]    Objective: a network shows occi.network.state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.2. 1.2: GFD.224 §3.
    ...    *Passes* if each does.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no network.
    [Tags]    GFD.184-3.2    GFD.224-3
    Fail If An Attribute Is Not Shown    network

IN2.6 The state of each network is one of the document's
    [Documentation]    Objective: the state is active or inactive (1.2: or error).
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.2. 1.2: GFD.224 §3.
    ...    *Passes* if it is.
    ...    *Remark* if it has capitals, or only one of the OCCIs that the site speaks knows it.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no network.
    [Tags]    GFD.184-3.2    GFD.224-3
    Fail If A State Is None Of The Document's    network

IN2.7 The values of each storage are of their types
    [Documentation]    Objective: size is a number above 0.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.3. 1.2: GFD.224 §3.3.
    ...    *Passes* if each value that is shown is so.
    ...    *Remark* if a word of an enumeration has capitals, or a size is 0.
    ...    *Fails* if a value is of another type, or out of its range.
    ...    *Skips* if this account sees no storage.
    [Tags]    GFD.184-3.3    GFD.224-3.3
    Fail If A Value Is Of Another Type    storage

IN2.8 Each storage shows what it always has
    [Documentation]    Objective: a storage shows occi.storage.size and .state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.3. 1.2: GFD.224 §3.3.
    ...    *Passes* if each does.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no storage.
    [Tags]    GFD.184-3.3    GFD.224-3.3
    Fail If An Attribute Is Not Shown    storage

IN2.9 The state of each storage is one of the document's
    [Documentation]    Objective: the state is online or offline; in 1.1 also backup, snapshot, resize, degraded, in 1.2
    ...    error.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.3. 1.2: GFD.224 §3.3.
    ...    *Passes* if it is.
    ...    *Remark* if it has capitals, or only one of the OCCIs that the site speaks knows it.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no storage.
    [Tags]    GFD.184-3.3    GFD.224-3.3
    Fail If A State Is None Of The Document's    storage

IN2.10 The values of each networkinterface are of their types
    [Documentation]    Objective: interface, mac and address are strings, allocation is dynamic or static.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes* if each value that is shown is so.
    ...    *Remark* if a word of an enumeration has capitals, or a size is 0.
    ...    *Fails* if a value is of another type, or out of its range.
    ...    *Skips* if this account sees no networkinterface.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If A Value Is Of Another Type    networkinterface

IN2.11 Each networkinterface shows what it always has
    [Documentation]    Objective: a networkinterface shows its interface, mac and state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes* if each does.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no networkinterface.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If An Attribute Is Not Shown    networkinterface

IN2.12 The state of each networkinterface is one of the document's
    [Documentation]    Objective: the state is active or inactive (1.2: or error).
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes* if it is.
    ...    *Remark* if it has capitals, or only one of the OCCIs that the site speaks knows it.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no networkinterface.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If A State Is None Of The Document's    networkinterface

IN2.13 The values of each storagelink are of their types
    [Documentation]    Objective: deviceid and mountpoint are strings.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes* if each value that is shown is so.
    ...    *Remark* if a word of an enumeration has capitals, or a size is 0.
    ...    *Fails* if a value is of another type, or out of its range.
    ...    *Skips* if this account sees no storagelink.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If A Value Is Of Another Type    storagelink

IN2.14 Each storagelink shows what it always has
    [Documentation]    Objective: a storagelink shows its deviceid and state.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes* if each does.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no storagelink.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If An Attribute Is Not Shown    storagelink

IN2.15 The state of each storagelink is one of the document's
    [Documentation]    Objective: the state is active or inactive (1.2: or error).
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes* if it is.
    ...    *Remark* if it has capitals, or only one of the OCCIs that the site speaks knows it.
    ...    *Fails* otherwise.
    ...    *Skips* if this account sees no storagelink.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If A State Is None Of The Document's    storagelink

IN2.16 The VM offers the actions that fit its state
    [Documentation]    Objective: in state inactive and suspended start, in state active stop, restart and suspend (1.2:
    ...    and save).
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1, GFD.185 §3.5.3. 1.2: GFD.224 §3.1, GFD.229 §5.1.
    ...    *Passes* if they are offered.
    ...    *Remark* if others of the document are too: GFD.184 has all exposed, GFD.185 those that apply.
    ...    *Fails* if one that applies is not offered.
    ...    *Skips* if the VM is in a state that no document knows.
    [Tags]    GFD.184-3.1    GFD.185-3.5.3    GFD.224-3.1    GFD.229-5.1
    Fail If The Actions Do Not Fit The State

IN2.17 The VM's memory is in GiB
    [Documentation]    Objective: OCCI counts memory in GiB.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1. 1.2: GFD.224 §3.1.
    ...    *Passes* unless it is known that this server counts MiB.
    ...    *Remark* if it is: no number alone proves its unit.
    ...    *Fails* only if the VM cannot be read.
    ...    *Skips* if the VM shows no memory.
    [Tags]    GFD.184-3.1    GFD.224-3.1
    Remark On Memory That Is Not In GiB
