*** Settings ***
Documentation     What OCCI 1.2 adds to the protocol over HTTP (GFD.223): its token, the media types that a site tells,
...               and pages.

Resource          ../../../resources/conformance_1_2.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Unless The Site Speaks OCCI 1.2

Test Tags         conformance    occi-1.2    read

Name              NV1 Protocol

*** Test Cases ***
NV1.1 Every answer names OCCI 1.2
    [Documentation]    Objective: a client sees from any answer that the site speaks OCCI 1.2.
    ...
    ...    *Clauses*: 1.2: GFD.223 §5.3. (1.1 has a token of its own: HP8.1.)
    ...    *Passes* if discovery, the listing, the VM and an error all carry ``OCCI/1.2`` in the Server field.
    ...    *Fails* if one of them does not. A proxy that replaces the field is part of the site.
    [Tags]    GFD.223-5.3
    Fail If An Answer Does Not Name OCCI 1.2

NV1.2 The site answers in the media types that it tells
    [Documentation]    Objective: the Accept field of an answer tells a client in what it can ask.
    ...
    ...    *Clauses*: 1.2: GFD.223 §5.2.
    ...    *Passes* if the listing comes in each OCCI media type of the field.
    ...    *Remark* if there is no such field, or its list is parted by semicolons.
    ...    *Fails* if the listing comes in something else, or the field holds what is no media type.
    ...    *Skips* if the field names no media type of a listing.
    [Tags]    GFD.223-5.2
    Fail If The Site Does Not Answer In A Media Type That It Tells

NV1.3 Pages part a listing
    [Documentation]    Objective: a client gets a long listing in parts (``?page=N&number=M``).
    ...
    ...    *Clauses*: 1.2: GFD.223 §6.
    ...    *Passes* if each entity of the listing is on one page, and nothing on a page past the end.
    ...    *Fails* if an entity is on no page or on two, or a page is too long.
    ...    *Skips* if only one entity can be seen, or the site lists everything whatever is asked for.
    [Tags]    GFD.223-6
    Fail If Pages Do Not Part A Listing

NV1.4 A page that is too large is refused
    [Documentation]    Objective: a site guards itself against pages without end.
    ...
    ...    *Clauses*: 1.2: GFD.223 §6 and §5.4.
    ...    *Passes* if a page of a thousand million is refused with 413.
    ...    *Remark* if it is refused otherwise, or a part of the listing comes without a word.
    ...    *Fails* if the answer is neither a refusal nor a listing.
    ...    *Skips* if the whole listing comes: the bound is the site's own affair.
    [Tags]    GFD.223-6    GFD.223-5.4
    Fail If A Page That Is Too Large Is Not Refused
