*** Settings ***
Documentation     What OCCI 1.2 says of VMs that are made from templates (GFD.224 §3.5). Only where the site file
...               allows to create; each VM is noted before it is made, and deleted at once.

Resource          ../../../resources/conformance_1_2.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Unless VMs Can Be Made By OCCI 1.2

Test Tags         conformance    occi-1.2    create    GFD.224-3.5.2

Name              NV4 New VMs

*** Test Cases ***
NV4.1 A new VM has the size that it was made with
    [Documentation]    Objective: what discovery says of a size holds for the VM that is made with it.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.5.2, GFD.221 §5.3.7.
    ...    *Passes* if VMs of two sizes have the cores and the memory of theirs, and show the template.
    ...    *Fails* if one has others.
    ...    *Skips* if discovery does not tell of two sizes how large they are, or the site does not let create.
    [Tags]    GFD.221-5.3.7    pocci:OCCI/INFRA/CREATE/004
    Fail If A New VM Has Not The Size That It Was Made With

NV4.2 A new VM shows the mixins that it was made with
    [Documentation]    Objective: a VM that got a public key and user data shows so.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.5.2, GFD.221 §5.3.4.
    ...    *Passes* if it shows ssh_key and user_data. *Fails* if one is missing.
    ...    *Skips* if the site does not offer both, or does not let create.
    [Tags]    GFD.221-5.3.4    etsi:TD/OCCI/CORE/CREATE/002
    Fail If A New VM Does Not Show What It Was Made With
