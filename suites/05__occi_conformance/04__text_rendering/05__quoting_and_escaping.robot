*** Settings ***
Documentation     Quotes, and what stands between them (GFD.185 §3.6.6, GFD.229 §4).

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    text    GFD.185-3.6.6    GFD.229-4

Name              TX5 Quoting and escaping

*** Test Cases ***
TX5.1 What the VM has in quotes is closed and escaped
    [Documentation]    Objective: no value ends before its end.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.229 §4.
    ...    *Passes* if every quote of the VM in text/plain is closed, parameters that have to be quoted are,
    ...    and quotes inside are escaped.
    ...    *Remark* for a backslash in front of what needs none: readers drop it.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if nothing is quoted, or if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    read
    Fail If The Rendering Of The VM Breaks The Grammar    quoting

TX5.2 What discovery has in quotes is closed and escaped
    [Documentation]    Objective: the same as in TX5.1, for titles and lists of attributes.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.229 §4.
    ...    *Passes* as in TX5.1, for discovery.
    ...    *Remark* as in TX5.1.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* as in TX5.1.
    [Tags]    read
    Fail If The Rendering Of Discovery Breaks The Grammar    quoting

TX5.3 A title with quotes and commas survives
    [Documentation]    Objective: a site cuts what it is sent at separators outside of quotes alone, and takes escapes
    ...    off.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.229 §4.
    ...    *Passes* if the title is read back as it was sent, and no other attribute changed; the old title
    ...    comes back.
    ...    *Remark* if one of the site's own attributes changed.
    ...    *Fails* if the title is another one, or what stood in it changed something.
    ...    *Skips* if the VM has no title, or the site has no partial update or refuses any new title.
    [Tags]    change    dyso:ctf_35
    Fail If A Difficult Title Does Not Survive    text/plain

TX5.4 A title with quotes and commas survives in header fields
    [Documentation]    Objective: the same as in TX5.3, where the title stands in the header.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.229 §4, §7.
    ...    *Passes* as in TX5.3, in text/occi.
    ...    *Remark* as in TX5.3.
    ...    *Fails* as in TX5.3.
    ...    *Skips* as in TX5.3.
    [Tags]    change    GFD.229-7    dyso:ctf_35
    Fail If A Difficult Title Does Not Survive    text/occi
