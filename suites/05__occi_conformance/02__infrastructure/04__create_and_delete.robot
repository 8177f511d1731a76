*** Settings ***
Documentation     Resources and links of the tester's own are created, looked at and deleted (GFD.185 §3.4.4, §3.4.5,
...               GFD.223 §11.3, GFD.184 §3, GFD.224 §3). Needs MAY_CREATE in the site file. Each bears a title of
...               this run's own and is noted before it is asked for; what the last tests do not delete goes at the
...               end of the run, or at the next one where this one is killed.

Resource          ../../../resources/conformance_infrastructure.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    infrastructure    create

Name              IN4 Create and delete

*** Test Cases ***
IN4.1 A compute is created from an image and a size
    [Documentation]    Objective: POST to the collection of compute makes one, with the mixins that it names.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4, GFD.184 §3.5.2. 1.2: GFD.223 §11.3.1, GFD.224 §3.5.1.
    ...    *Passes* if it is at the address that the site told, of the kind compute, listed, with title and both mixins.
    ...    *Remark* if the site adorned the title.
    ...    *Fails* otherwise.
    ...    *Skips* if MAY_CREATE is not True, the site offers no templates, or does not let this account create.
    [Tags]    GFD.185-3.4.4    GFD.184-3.5.2    GFD.223-11.3.1    GFD.224-3.5.1    etsi:TD/OCCI/CORE/CREATE/001
    ...    etsi:TD/OCCI/CORE/CREATE/002    etsi:TD/OCCI/INFRA/CREATE/001    etsi:TD/OCCI/INFRA/CREATE/004
    ...    pocci:OCCI/CORE/CREATE/001    pocci:OCCI/INFRA/CREATE/001    pocci:OCCI/INFRA/CREATE/004    dyso:ctf_344
    ...    peer:argo    peer:snf-occi    peer:occi-os
    Fail If A New Resource Is Not What Was Asked For    compute

IN4.2 A storage is created with title and size
    [Documentation]    Objective: POST to the collection of storage makes one of the size that was asked for.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4, GFD.184 §3.3. 1.2: GFD.223 §11.3.1, GFD.224 §3.3.
    ...    *Passes* if it is at the address that the site told, of the kind storage, listed, with title and 1 GiB.
    ...    *Remark* if the site adorned the title.
    ...    *Fails* otherwise.
    ...    *Skips* if MAY_CREATE is not True, the site offers no storage, or does not let this account create.
    [Tags]    GFD.185-3.4.4    GFD.184-3.3    GFD.223-11.3.1    GFD.224-3.3    etsi:TD/OCCI/INFRA/CREATE/002
    ...    pocci:OCCI/INFRA/CREATE/002
    Fail If A New Resource Is Not What Was Asked For    storage

IN4.3 A network is created with its title
    [Documentation]    Objective: POST to the collection of network makes one.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4, GFD.184 §3.2. 1.2: GFD.223 §11.3.1, GFD.224 §3.
    ...    *Passes* if it is at the address that the site told, of the kind network, listed, with its title.
    ...    *Remark* if the site adorned the title.
    ...    *Fails* otherwise.
    ...    *Skips* if MAY_CREATE is not True, the site offers no network, or does not let this account create.
    [Tags]    GFD.185-3.4.4    GFD.184-3.2    GFD.223-11.3.1    GFD.224-3    etsi:TD/OCCI/INFRA/CREATE/003
    ...    pocci:OCCI/INFRA/CREATE/003
    Fail If A New Resource Is Not What Was Asked For    network

IN4.4 A storagelink joins compute and storage
    [Documentation]    Objective: POST to the collection of storagelink makes one, which the compute shows.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.3, GFD.185 §3.4.5. 1.2: GFD.221 §5.4, GFD.223 §11.3.1.
    ...    *Passes* if the link has the source and target that were asked for, and the compute shows it.
    ...    *Remark* if the site does not keep the link's title.
    ...    *Fails* otherwise.
    ...    *Skips* if IN4.1 or IN4.2 created nothing, or the site does not let this account create links.
    [Tags]    GFD.183-4.5.3    GFD.185-3.4.5    GFD.221-5.4    GFD.223-11.3.1    etsi:TD/OCCI/INFRA/CREATE/006
    ...    pocci:OCCI/INFRA/CREATE/006
    Fail If A New Link Does Not Join What Was Asked For    storagelink

IN4.5 A networkinterface joins compute and network
    [Documentation]    Objective: POST to the collection of networkinterface makes one, which the compute shows.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.3, GFD.185 §3.4.5. 1.2: GFD.221 §5.4, GFD.223 §11.3.1.
    ...    *Passes* if the link has the source and target that were asked for, and the compute shows it.
    ...    *Remark* if the site does not keep the link's title.
    ...    *Fails* otherwise.
    ...    *Skips* if IN4.1 or IN4.3 created nothing, or the site does not let this account create links.
    [Tags]    GFD.183-4.5.3    GFD.185-3.4.5    GFD.221-5.4    GFD.223-11.3.1    etsi:TD/OCCI/INFRA/CREATE/007
    ...    pocci:OCCI/INFRA/CREATE/007    dyso:ctf_345
    Fail If A New Link Does Not Join What Was Asked For    networkinterface

IN4.6 A compute is created with links to storage and network
    [Documentation]    Objective: links that come with a compute are made with it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.5, §3.5.2. 1.2: GFD.229 §4.
    ...    *Passes* if the compute is as in IN4.1, and shows links to the storage and the network.
    ...    *Remark* if the site adorned the title.
    ...    *Fails* if a link is missing.
    ...    *Skips* if neither IN4.2 nor IN4.3 created anything, or as IN4.1.
    [Tags]    GFD.185-3.4.5
    ...    GFD.185-3.5.2
    ...    GFD.229-4
    ...    etsi:TD/OCCI/CORE/CREATE/003
    ...    etsi:TD/OCCI/INFRA/CREATE/005
    ...    pocci:OCCI/INFRA/CREATE/005
    ...    dyso:ctf_345
    Fail If A New Compute Lacks Its Inline Links

IN4.7 A deleted link is gone, and what it joined is left
    [Documentation]    Objective: DELETE of a link removes the link alone.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.2, GFD.185 §3.4.4, §3.6.8. 1.2: GFD.221 §5.4, GFD.223 §5.4.
    ...    *Passes* if it is answered 404 or 410, not listed, the compute no longer shows it, and both ends are there.
    ...    *Fails* otherwise.
    ...    *Skips* if IN4.4 created nothing.
    [Tags]    GFD.183-4.5.2    GFD.185-3.4.4    GFD.185-3.6.8    GFD.221-5.4    GFD.223-5.4    dyso:ctf_345
    Fail If A Link Is Not Gone Or Took Something Along    storagelink

IN4.8 A deleted compute is gone with its links, and what they led to is left
    [Documentation]    Objective: DELETE of a resource removes it and the links that begin there.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.2, GFD.185 §3.4.4, §3.6.8. 1.2: GFD.221 §5.4, GFD.223 §5.4.
    ...    *Passes* if it is answered 404 or 410 and not listed, its links too, and storage and network are there.
    ...    *Fails* otherwise.
    ...    *Skips* if neither IN4.1 nor IN4.6 created anything.
    [Tags]    GFD.183-4.5.2
    ...    GFD.185-3.4.4
    ...    GFD.185-3.6.8
    ...    GFD.221-5.4
    ...    GFD.223-5.4
    ...    etsi:TD/OCCI/CORE/DELETE/001
    ...    pocci:OCCI/CORE/DELETE/001
    ...    dyso:ctf_344
    ...    dyso:ctf_345
    Fail If A Resource Is Not Gone    compute

IN4.9 A deleted storage is gone
    [Documentation]    Objective: DELETE of a storage removes it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4, §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* if it is answered 404 or 410, and not listed.
    ...    *Fails* otherwise.
    ...    *Skips* if IN4.2 created nothing.
    [Tags]    GFD.185-3.4.4    GFD.185-3.6.8    GFD.223-5.4    etsi:TD/OCCI/CORE/DELETE/001
    Fail If A Resource Is Not Gone    storage

IN4.10 A deleted network is gone
    [Documentation]    Objective: DELETE of a network removes it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.4, §3.6.8. 1.2: GFD.223 §5.4.
    ...    *Passes* if it is answered 404 or 410, and not listed.
    ...    *Fails* otherwise.
    ...    *Skips* if IN4.3 created nothing.
    [Tags]    GFD.185-3.4.4    GFD.185-3.6.8    GFD.223-5.4    etsi:TD/OCCI/CORE/DELETE/001
    Fail If A Resource Is Not Gone    network
