*** Settings ***
Documentation     Links: what joins two resources (GFD.183 §4.5.3, GFD.185 §3.5.2, GFD.221 §5.4). Looked at are those of
...               the
...               tester's VM and of the first ten resources of every kind that is listed.

Resource          ../../../resources/conformance_core.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    core    read    GFD.183-4.5.3    GFD.221-5.4

Name              CO3 Links

*** Test Cases ***
CO3.1 A link that a resource shows has a target and the target's kind
    [Documentation]    Objective: a client sees what a resource is joined to.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.3, GFD.185 §3.5.2. 1.2: GFD.221 §5.4, GFD.229 §4.
    ...    *Passes* if each link has a target, rel (which JSON may leave out) and categories that are offered.
    ...    *Fails* if one of these is missing, or the link's kind is that of a resource.
    ...    *Skips* if no resource that this account sees has a link.
    [Tags]    GFD.185-3.5.2    GFD.229-4    dyso:ctf_345
    Fail If A Shown Link Is Not Whole

CO3.2 A link is an entity with source and target
    [Documentation]    Objective: a link has an address of its own; it leads from the resource that shows it.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.3. 1.2: GFD.221 §5.4.
    ...    *Passes* if each link can be read, with one kind, an id, occi.core.source and occi.core.target as the
    ...    resource
    ...    shows them.
    ...    *Fails* otherwise.
    ...    *Skips* if no resource that this account sees has a link that tells its own address.
    [Tags]    dyso:ctf_345
    Fail If A Link Has Not Its Source And Target

CO3.3 The target of a link is there
    [Documentation]    Objective: a link leads to a resource, of the kind that it says.
    ...
    ...    *Clauses*: 1.1: GFD.183 §4.5.3, GFD.185 §3.5.2. 1.2: GFD.221 §5.4, GFD.229 §4.
    ...    *Passes* if each target that lies on the site can be read, and is what rel says.
    ...    *Fails* if one is not there, is a link itself, or of another kind.
    ...    *Skips* if no resource that this account sees has a link to something on the site.
    [Tags]    GFD.185-3.5.2    GFD.229-4
    Fail If The Target Of A Link Is Not There
