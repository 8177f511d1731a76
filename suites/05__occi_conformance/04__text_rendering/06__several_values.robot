*** Settings ***
Documentation     Lists with commas and repeated fields mean the same (GFD.185 §3.5, GFD.229 §7).

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    text    GFD.185-3.5

Name              TX6 Several values

*** Test Cases ***
TX6.1 The VM has one field in each line
    [Documentation]    Objective: a body in text/plain is lines of fields, and nothing else.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5. 1.2: GFD.229 §4, §6.
    ...    *Passes* if every line of the VM in text/plain is one of the four fields by its own name, without
    ...    empty items in lists.
    ...    *Remark* if a line is folded, which HTTP had for headers, or begins with a blank.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    read    GFD.229-4
    Fail If The Rendering Of The VM Breaks The Grammar    lines

TX6.2 Discovery has one field in each line
    [Documentation]    Objective: the same as in TX6.1, for discovery.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5. 1.2: GFD.229 §4, §6.
    ...    *Passes* as in TX6.1, for discovery.
    ...    *Remark* as in TX6.1.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    read    GFD.229-4
    Fail If The Rendering Of Discovery Breaks The Grammar    lines

TX6.3 A list of attributes with a comma is taken
    [Documentation]    Objective: a site reads several values of one field.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5, §3.6.6. 1.2: GFD.229 §7.
    ...    *Passes* if both attributes are read back, and no other one changed; the old values come back.
    ...    *Remark* if one of the site's own attributes changed.
    ...    *Fails* if one of both is not stored, or the list is refused and one attribute alone is not.
    ...    *Skips* if the VM has only one of title, summary and host name, or the site has no partial
    ...    update.
    [Tags]    change    GFD.185-3.6.6    GFD.229-7
    Fail If Several Values Are Not Taken    one list

TX6.4 Attributes in fields of their own are taken
    [Documentation]    Objective: a site reads a field that is repeated.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5, §3.6.6. 1.2: GFD.229 §7.
    ...    *Passes* as in TX6.3.
    ...    *Remark* as in TX6.3.
    ...    *Fails* as in TX6.3.
    ...    *Skips* as in TX6.3.
    [Tags]    change    GFD.185-3.6.6    GFD.229-7
    Fail If Several Values Are Not Taken    one field each

TX6.5 A list of attributes with a comma is taken in header fields
    [Documentation]    Objective: the documents recommend lists in headers.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5, §3.6.6. 1.2: GFD.229 §7.
    ...    *Passes* as in TX6.3, in text/occi.
    ...    *Remark* as in TX6.3.
    ...    *Fails* as in TX6.3.
    ...    *Skips* as in TX6.3.
    [Tags]    change    GFD.185-3.6.6    GFD.229-7
    Fail If Several Values Are Not Taken    one list    text/occi
