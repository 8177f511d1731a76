*** Settings ***
Documentation     The Category field: ``term; scheme="..."; class="..."`` and what follows (GFD.185 §3.5.1, GFD.229 §4).

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    text    read    GFD.185-3.5.1    GFD.229-4

Name              TX1 Categories

*** Test Cases ***
TX1.1 Discovery keeps to the grammar of Category
    [Documentation]    Objective: a client can cut the categories that a site offers at the marks of the grammar.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.1. 1.2: GFD.229 §4.
    ...    *Passes* if every Category line of discovery in text/plain has term, scheme and class in quotes
    ...    or bare as the grammar has them, and known parameters.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    dyso:ctf_35
    Fail If The Rendering Of Discovery Breaks The Grammar    categories

TX1.2 Discovery keeps to the grammar of Category in header fields
    [Documentation]    Objective: the same as in TX1.1, where the categories stand in the header.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.1. 1.2: GFD.229 §4, §7.
    ...    *Passes* as in TX1.1, in text/occi.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    GFD.229-7    dyso:ctf_35
    Fail If The Rendering Of Discovery Breaks The Grammar    categories    text/occi

TX1.3 The VM keeps to the grammar of Category
    [Documentation]    Objective: the categories of an entity are written as those of discovery are.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.1. 1.2: GFD.229 §4.
    ...    *Passes* if every Category line of the VM in text/plain is as the grammar has it.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    dyso:ctf_35
    Fail If The Rendering Of The VM Breaks The Grammar    categories

TX1.4 Attributes are declared immutable and required in braces
    [Documentation]    Objective: a client can tell from discovery what it must give and may not change.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.1. 1.2: GFD.229 §4.
    ...    *Passes* if the braces behind the names of attributes hold immutable and required alone.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if discovery declares no attribute immutable or required, or if a site of OCCI 1.2 alone does
    ...    not offer the rendering.
    Fail If The Rendering Of Discovery Breaks The Grammar    attribute definitions
