*** Settings ***
Documentation     Is the infrastructure model whole that discovery offers? Kinds, mixins, actions and templates with
...               their
...               attributes (GFD.184 §3, GFD.224 §3). What a site does not offer is not run; what it offers is whole.

Resource          ../../../resources/conformance_infrastructure.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    infrastructure    read    dyso:ctf_gfd184

Name              IN1 Model

*** Test Cases ***
IN1.1 The kind compute is whole
    [Documentation]    Objective: compute descends from resource and declares its attributes and actions.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1. 1.2: GFD.224 §3.1 (share in the place of speed, save).
    ...    *Passes* if parent, attributes and actions of the document are there.
    ...    *Remark* if a mutable attribute is declared immutable, or the other way round.
    ...    *Fails* if one is missing, or declared with another type or other values.
    [Tags]    GFD.184-3.1    GFD.224-3.1    peer:argo
    Fail If Discovery Does Not Offer Compute
    Fail If The Offered Kind Is Not Whole    compute

IN1.2 The kind network is whole
    [Documentation]    Objective: network descends from resource and declares its attributes and actions.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.2. 1.2: GFD.224 §3.
    ...    *Passes*, *Remark*, *Fails* as IN1.1.
    ...    *Skips* if the site does not offer the kind.
    [Tags]    GFD.184-3.2    GFD.224-3
    Fail If The Offered Kind Is Not Whole    network

IN1.3 The kind storage is whole
    [Documentation]    Objective: storage descends from resource and declares its attributes and actions.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.3. 1.2: GFD.224 §3.3 (online and offline alone).
    ...    *Passes*, *Remark*, *Fails* as IN1.1.
    ...    *Skips* if the site does not offer the kind.
    [Tags]    GFD.184-3.3    GFD.224-3.3
    Fail If The Offered Kind Is Not Whole    storage

IN1.4 The kind networkinterface is whole
    [Documentation]    Objective: networkinterface descends from link and declares its attributes.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes*, *Remark*, *Fails* as IN1.1.
    ...    *Skips* if the site does not offer the kind.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If The Offered Kind Is Not Whole    networkinterface

IN1.5 The kind storagelink is whole
    [Documentation]    Objective: storagelink descends from link and declares its attributes.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes*, *Remark*, *Fails* as IN1.1.
    ...    *Skips* if the site does not offer the kind.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If The Offered Kind Is Not Whole    storagelink

IN1.6 The mixin ipnetwork is whole
    [Documentation]    Objective: what a network has that speaks IP is declared.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.2.1. 1.2: GFD.224 §3.
    ...    *Passes* if address, gateway and allocation are declared.
    ...    *Remark* if one is declared immutable.
    ...    *Fails* if one is missing, or the mixin applies to other kinds alone.
    ...    *Skips* if the site does not offer the mixin.
    [Tags]    GFD.184-3.2.1    GFD.224-3
    Fail If The Offered Mixin Is Not Whole    ipnetwork

IN1.7 The mixin ipnetworkinterface is whole
    [Documentation]    Objective: what an interface has that speaks IP is declared.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.4. 1.2: GFD.224 §3.
    ...    *Passes*, *Remark*, *Fails* as IN1.6.
    ...    *Skips* if the site does not offer the mixin.
    [Tags]    GFD.184-3.4    GFD.224-3
    Fail If The Offered Mixin Is Not Whole    ipnetworkinterface

IN1.8 Templates depend on os_tpl and resource_tpl
    [Documentation]    Objective: a client finds the images and sizes of a site by what they depend on.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.5.2. 1.2: GFD.224 §3.5.1, §3.5.2.
    ...    *Passes* if each template does.
    ...    *Fails* if what is a template by its scheme does not.
    ...    *Skips* if the site offers no template.
    [Tags]    GFD.184-3.5.2    GFD.224-3.5.1    GFD.224-3.5.2    peer:argo
    Fail If A Template Does Not Depend On Its Own

IN1.9 The actions of compute are described
    [Documentation]    Objective: start, stop, restart and suspend can be looked up, with their methods; in OCCI 1.2
    ...    save too.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.1. 1.2: GFD.224 §3.1.
    ...    *Passes* if each is there, with the attribute method (but start), and the document's values where values are
    ...    told.
    ...    *Remark* if more values are told.
    ...    *Fails* if an action, its attribute or a value is missing.
    [Tags]    GFD.184-3.1    GFD.224-3.1
    Fail If Discovery Does Not Offer Compute
    Fail If The Offered Actions Are Not Whole    compute

IN1.10 The actions of network are described
    [Documentation]    Objective: up and down can be looked up.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.2. 1.2: GFD.224 §3.
    ...    *Passes* if both are there.
    ...    *Fails* if one is missing.
    ...    *Skips* if the site does not offer the kind network.
    [Tags]    GFD.184-3.2    GFD.224-3
    Fail If The Offered Actions Are Not Whole    network

IN1.11 The actions of storage are described
    [Documentation]    Objective: online and offline can be looked up; in OCCI 1.1 backup, snapshot and resize too.
    ...
    ...    *Clauses*: 1.1: GFD.184 §3.3. 1.2: GFD.224 §3.3.
    ...    *Passes* if each is there, resize with the attribute size.
    ...    *Fails* if one is missing.
    ...    *Skips* if the site does not offer the kind storage.
    [Tags]    GFD.184-3.3    GFD.224-3.3
    Fail If The Offered Actions Are Not Whole    storage
