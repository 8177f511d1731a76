*** Settings ***
Documentation     What OCCI 1.2 changes in the types that discovery shows (GFD.221, GFD.223, GFD.224, GFD.229). A site
...               that speaks 1.1 too is held against 1.2 here; the suites of the other documents take either.

Resource          ../../../resources/conformance_1_2.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Unless The Site Speaks OCCI 1.2

Test Tags         conformance    occi-1.2    read

Name              NV2 Types

*** Test Cases ***
NV2.1 Terms and locations are by OCCI 1.2
    [Documentation]    Objective: terms keep to the wider grammar of 1.2, and only what has instances has a location.
    ...
    ...    *Clauses*: 1.2: GFD.229 §4, GFD.223 §4.
    ...    *Passes* if all terms do, and kinds and mixins lie where a collection can.
    ...    *Remark* if a location does not end in a slash, or a scheme not in #.
    ...    *Fails* if a term is of no grammar, a type has no location, or entity has one.
    [Tags]    GFD.229-4    GFD.223-4
    Fail If Types Are Not By OCCI 1.2

NV2.2 Mixins name what they depend on and apply to
    [Documentation]    Objective: a client learns from discovery to what it can give a mixin.
    ...
    ...    *Clauses*: 1.2: GFD.221 §5.3.4. Text shows the first dependency alone, so discovery is asked for in JSON.
    ...    *Passes* if all that mixins name is in discovery.
    ...    *Fails* if a mixin names a mixin or a kind that is not there.
    ...    *Skips* if no mixin names any.
    [Tags]    GFD.221-5.3.4
    Fail If A Mixin Depends On Or Applies To What Is Not Offered

NV2.3 The infrastructure kinds are those of OCCI 1.2
    [Documentation]    Objective: compute has a share and the action save, and every state can have a message.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.
    ...    *Passes* if each kind that is offered has the attributes and actions that 1.2 gives it.
    ...    *Remark* if there is still what 1.2 has removed: the speed, and three actions of storage.
    ...    *Fails* if an attribute or an action is missing.
    [Tags]    GFD.224-3    GFD.224-3.1
    Fail If A Kind Is Not By OCCI 1.2

NV2.4 A VM can be saved
    [Documentation]    Objective: discovery describes the action save, which 1.2 has added.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.1.
    ...    *Passes* if all actions of compute are described, save with method (hot, deferred) and name.
    ...    *Fails* if one is missing, or lacks an attribute.
    [Tags]    GFD.224-3.1
    Fail If Save Is Not Offered

NV2.5 Public key and user data are handed over as OCCI 1.2 has it
    [Documentation]    Objective: the mixins ssh_key and user_data have the names of the document.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.5.2.
    ...    *Passes* if each has its attribute, and applies to compute.
    ...    *Fails* if an attribute has another name, or a mixin applies to something else.
    ...    *Skips* if the site does not offer both.
    [Tags]    GFD.224-3.5.2
    Fail If Contextualisation Is Not By OCCI 1.2

NV2.6 Sizes tell how large they are
    [Documentation]    Objective: a client sees in discovery what it gets with a size.
    ...
    ...    *Clauses*: 1.2: GFD.224 §3.5.2, GFD.221 §5.3.7.
    ...    *Passes* if each size gives defaults to cores and memory.
    ...    *Remark* if one does not: the document says SHOULD.
    ...    *Fails* if discovery cannot be read.
    ...    *Skips* if the site offers no sizes.
    [Tags]    GFD.224-3.5.2    GFD.221-5.3.7
    Remark If A Size Does Not Tell How Large It Is
