*** Settings ***
Documentation     The X-OCCI-Attribute field: ``name="string"`` or ``name=number`` (GFD.185 §3.5.4, GFD.229 §4).

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    text    read    GFD.185-3.5.4    GFD.229-4

Name              TX3 Attributes

*** Test Cases ***
TX3.1 The VM's attributes keep to the grammar of X-OCCI-Attribute
    [Documentation]    Objective: a client finds names and values.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.4. 1.2: GFD.229 §4.
    ...    *Passes* if each X-OCCI-Attribute line of the VM has a legal name, ``=`` and a value, and no name
    ...    has two values.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if the VM has no attribute, or if a site of OCCI 1.2 alone does not offer the rendering.
    Fail If The Rendering Of The VM Breaks The Grammar    attributes

TX3.2 The VM's attributes keep to the grammar in header fields
    [Documentation]    Objective: the same as in TX3.1, where the attributes stand in the header.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.4. 1.2: GFD.229 §4, §7.
    ...    *Passes* as in TX3.1, in text/occi.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if the VM has no attribute in text/occi, or if a site of OCCI 1.2 alone does not offer
    ...    the rendering.
    [Tags]    GFD.229-7
    Fail If The Rendering Of The VM Breaks The Grammar    attributes    text/occi

TX3.3 Numbers are bare and strings are quoted
    [Documentation]    Objective: a client can tell a number from a string by its quotes.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.4. 1.2: GFD.229 §4.
    ...    *Passes* if numbers and truth values stand without quotes, without sign and exponent, and all
    ...    else in quotes.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if the VM has no attribute, or if a site of OCCI 1.2 alone does not offer the rendering.
    Fail If The Rendering Of The VM Breaks The Grammar    values
