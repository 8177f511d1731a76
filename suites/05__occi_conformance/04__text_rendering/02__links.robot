*** Settings ***
Documentation     The Link field: ``<target>; rel="..."`` of links and of actions (GFD.185 §3.5.2, §3.5.3, GFD.229 §4).

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    text    read    GFD.229-4

Name              TX2 Links and actions

*** Test Cases ***
TX2.1 The VM's links keep to the grammar of Link
    [Documentation]    Objective: a client finds the target, its type, the link and its attributes.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.2. 1.2: GFD.229 §4.
    ...    *Passes* if each Link line has a target in angle brackets, rel, and then self, category and
    ...    attributes as the grammar has them.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if the VM has no link, or if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    GFD.185-3.5.2
    Fail If The Rendering Of The VM Breaks The Grammar    links

TX2.2 The VM's links keep to the grammar of Link in header fields
    [Documentation]    Objective: the same as in TX2.1, where the links stand in the header.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.2. 1.2: GFD.229 §4, §7.
    ...    *Passes* as in TX2.1, in text/occi.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if the VM shows no link in text/occi, or if a site of OCCI 1.2 alone does not offer the
    ...    rendering.
    [Tags]    GFD.185-3.5.2    GFD.229-7
    Fail If The Rendering Of The VM Breaks The Grammar    links    text/occi

TX2.3 An action is a link whose address names it
    [Documentation]    Objective: a client finds by the type of an action the address to post to.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.3. 1.2: GFD.229 §4.
    ...    *Passes* if each action of the VM is a link to an address with ``?action=`` and the term that rel
    ...    ends in.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if the VM offers no action now, or if a site of OCCI 1.2 alone does not offer the
    ...    rendering.
    [Tags]    GFD.185-3.5.3
    Fail If The Rendering Of The VM Breaks The Grammar    actions

TX2.4 An action is a link whose address names it in header fields
    [Documentation]    Objective: the same as in TX2.3, where the links stand in the header.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.3. 1.2: GFD.229 §4, §7.
    ...    *Passes* as in TX2.3, in text/occi.
    ...    *Remark* for what the documents advise against and every reader takes, such as parameters in
    ...    another order.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if the VM shows no action in text/occi, or if a site of OCCI 1.2 alone does not offer the
    ...    rendering.
    [Tags]    GFD.185-3.5.3    GFD.229-7
    Fail If The Rendering Of The VM Breaks The Grammar    actions    text/occi
