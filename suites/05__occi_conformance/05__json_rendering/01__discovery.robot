*** Settings ***
Documentation     Discovery in JSON (GFD.226 §3, §10, §11).

Resource          ../../../resources/conformance_json.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    json    read    GFD.226-3

Name              JS1 Discovery

*** Test Cases ***
JS1.1 Discovery is one object
    [Documentation]    Objective: discovery in JSON is an object with lists of kinds, mixins and actions.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3.
    ...    *Passes* if the kinds and the actions are there.
    ...    *Fails* otherwise.
    ...    *Skips* if the site does not answer in JSON, and its file does not claim ``json``.
    [Tags]    peer:rocci-server    peer:erocci
    Fail If Discovery In JSON Is Not One Object

JS1.2 Kinds, mixins and actions keep to the schema
    [Documentation]    Objective: each category has the members that the schema requires, and no others.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3, §11.
    ...    *Passes* if the schema holds.
    ...    *Remark* for what goes beyond it and does no harm.
    ...    *Fails* with the line and column of each departure.
    ...    *Skips* if the site does not answer in JSON, and its file does not claim ``json``.
    [Tags]    GFD.226-11
    Fail If It Departs From The JSON Schema    discovery    members

JS1.3 The descriptions of attributes keep to the schema
    [Documentation]    Objective: an attribute is described by its flat name, type, pattern (a JSON schema) and flags.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3, §10, §11.
    ...    *Passes* if the schema holds.
    ...    *Fails* with the line and column of each departure.
    ...    *Skips* if the site does not answer in JSON, or no category has attributes.
    [Tags]    GFD.226-10    GFD.226-11
    Fail If It Departs From The JSON Schema    discovery    definitions

JS1.4 Discovery says the same in JSON as in text
    [Documentation]    Objective: a rendering is a form, and what discovery shows does not depend on it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.4.1. 1.2: GFD.223 §9, GFD.226 §3.
    ...    *Passes* if categories, attributes and actions are those of the text rendering.
    ...    *Fails* if something differs.
    ...    *Skips* if the site does not answer in JSON, and its file does not claim ``json``.
    [Tags]    GFD.185-3.4.1    GFD.223-9
    Fail If Discovery Differs In JSON
