*** Settings ***
Documentation     The X-OCCI-Location field and text/uri-list (GFD.185 §3.5.5, §3.6.6, GFD.229 §6-8).

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    text    read

Name              TX4 Locations

*** Test Cases ***
TX4.1 A listing keeps to the grammar of X-OCCI-Location
    [Documentation]    Objective: a client finds the addresses of the VMs.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.5. 1.2: GFD.229 §4.
    ...    *Passes* if each line of the collection of compute in text/plain is X-OCCI-Location with one URL,
    ...    or several with commas.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if nothing is listed, or if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    GFD.185-3.5.5    GFD.229-4
    Fail If The Listing Breaks The Grammar    text/plain

TX4.2 A listing in header fields stands in X-OCCI-Location
    [Documentation]    Objective: Location, which HTTP has for one address, is not used for several.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.5.5, §3.6.6. 1.2: GFD.229 §4, §7.
    ...    *Passes* if the collection of compute in text/occi is X-OCCI-Location fields.
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if nothing is listed, or if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    GFD.185-3.5.5    GFD.229-4    GFD.185-3.6.6    GFD.229-7
    Fail If The Listing Breaks The Grammar    text/occi

TX4.3 A list of URIs is one
    [Documentation]    Objective: text/uri-list holds absolute URIs, one in a line, and comments.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.229 §8.
    ...    *Passes* if each line of the collection of compute as text/uri-list is an absolute URI or begins
    ...    with ``#`` (RFC 2483 §5).
    ...    *Fails* with line, column and the wrong piece if not, or if the answer cannot be read.
    ...    *Skips* if nothing is listed, or if a site of OCCI 1.2 alone does not offer the rendering.
    [Tags]    GFD.185-3.6.6
    Fail If The Listing Breaks The Grammar    text/uri-list
