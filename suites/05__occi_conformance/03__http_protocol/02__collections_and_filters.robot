*** Settings ***
Documentation     Collections: what a site lists, and that its filters filter (GFD.185 §3.4.3, GFD.223 §7 and §11).

Resource          ../../../resources/conformance_http.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    read

Name              HP2 Collections and filters

*** Test Cases ***
HP2.1 The collection of compute lists the VM
    [Documentation]    Objective: the entities of a kind are found in the kind's collection.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §11.1.
    ...    *Passes* if GET of compute's location is 200 and the VM is listed.
    ...    *Fails* otherwise.
    [Tags]    GFD.185-3.4.3    GFD.223-11.1    etsi:TD/OCCI/CORE/READ/001    etsi:TD/OCCI/CORE/READ/004
    ...    pocci:OCCI/CORE/READ/001    peer:rocci-server    peer:erocci
    Fail If The Collection Of Compute Does Not List The VM

HP2.2 Every kind has a collection
    [Documentation]    Objective: each location that discovery shows for a kind is a collection, with or without
    ...    something in it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §11.1.
    ...    *Passes* if each is answered 200 (or 204 where it is empty) with a listing, and compute's lists the VM.
    ...    *Remark* if a kind of the core, of which there are no entities, has a location without a collection.
    ...    *Fails* otherwise.
    [Tags]    GFD.185-3.4.3    GFD.223-11.1    peer:rocci-server
    Fail If The Location Of A Kind Is No Collection

HP2.3 A filter by category filters
    [Documentation]    Objective: a listing asked for with a Category in the header shows what is of that category
    ...    only.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §7 (deprecated there).
    ...    *Passes* if the VM stays in the collection by its own kind, and goes by another one.
    ...    *Fails* if it goes by its own kind or stays by another one.
    ...    *Skips* if the VM is not listed anyway, or a site of OCCI 1.2 alone does not filter.
    [Tags]    GFD.185-3.4.3    GFD.223-7    etsi:TD/OCCI/CORE/READ/002    etsi:TD/OCCI/CORE/READ/006
    ...    pocci:OCCI/CORE/READ/002    dyso:ctf_342_343
    Fail If A Filter By Kind Does Not Filter

HP2.4 A filter by attribute filters
    [Documentation]    Objective: a listing asked for with an X-OCCI-Attribute in the header shows what has that value
    ...    only.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.3. 1.2: GFD.223 §7 (deprecated there).
    ...    *Passes* if the VM stays by its own value and goes by another, and what else stays has the value too.
    ...    *Fails* if the VM goes by its own value or stays by another one, or something else stays that has another
    ...    value.
    ...    *Skips* if the VM has no host name, title or summary, or a site of OCCI 1.2 alone does not filter.
    [Tags]    GFD.185-3.4.3
    ...    GFD.223-7
    ...    etsi:TD/OCCI/CORE/READ/003
    ...    etsi:TD/OCCI/CORE/READ/007
    ...    dyso:ctf_342_343
    Fail If A Filter By Attribute Does Not Filter

HP2.5 A list of URIs says the same as the listing
    [Documentation]    Objective: the collection as text/uri-list lists the same entities.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6.
    ...    *Passes* if both list the same.
    ...    *Fails* if one lists what the other does not, or text/uri-list is refused.
    ...    *Skips* if nothing is listed, or a site of OCCI 1.2 alone does not offer text/uri-list.
    [Tags]    GFD.185-3.6.6    dyso:ctf_342_343
    Fail If A List Of URIs Says Something Else

HP2.6 The name space lists what is below
    [Documentation]    Objective: a path that is no kind's, such as the service's root, lists the entities below it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.2. 1.2: GFD.223 §4.1.
    ...    *Passes* if the root lists the VM.
    ...    *Fails* if it lists entities without the VM, or its answer is no listing.
    ...    *Skips* if there is no listing at the root, or a page for people.
    [Tags]    GFD.185-3.4.2    GFD.223-4.1    peer:erocci
    Fail If The Name Space Does Not List The VM
