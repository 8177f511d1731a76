*** Settings ***
Documentation     Character sets, and the body of text/occi (GFD.185 §3.6.6, GFD.229 §6-8).

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    text    read    GFD.185-3.6.6

Name              TX7 Characters

*** Test Cases ***
TX7.1 Text/plain is UTF-8
    [Documentation]    Objective: a client can read every character of the VM.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.229 §6.
    ...    *Passes* if the VM in text/plain is UTF-8, and Content-Type names one media type.
    ...    *Remark* if Content-Type names another character set.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer the rendering.
    Fail If The Rendering Of The VM Breaks The Grammar    characters

TX7.2 Text/occi is ASCII, with the body OK
    [Documentation]    Objective: what stands in a header can be carried by HTTP.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.229 §7.
    ...    *Passes* if the header fields of the VM in text/occi are ASCII and the body is the word OK.
    ...    *Remark* if the body is another one.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    GFD.229-7
    Fail If The Rendering Of The VM Breaks The Grammar    characters    text/occi
