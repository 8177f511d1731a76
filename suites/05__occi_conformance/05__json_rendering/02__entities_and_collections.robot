*** Settings ***
Documentation     Entities and collections in JSON (GFD.226 §3, §11).

Resource          ../../../resources/conformance_json.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    json    read    GFD.226-3

Name              JS2 Entities and collections

*** Test Cases ***
JS2.1 The VM keeps to the schema
    [Documentation]    Objective: an entity has the members that the schema requires, and no others.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3, §11.
    ...    *Passes* if the schema holds.
    ...    *Remark* for what goes beyond it and does no harm.
    ...    *Fails* with the line and column of each departure.
    ...    *Skips* if the site does not answer in JSON, and its file does not claim ``json``.
    [Tags]    GFD.226-11
    Fail If It Departs From The JSON Schema    VM    members

JS2.2 Values are of JSON's types
    [Documentation]    Objective: numbers are numbers, and names of attributes are flat.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3.
    ...    *Passes* if they are.
    ...    *Fails* with the line and column of each departure.
    ...    *Skips* if the site does not answer in JSON, or no attribute is a number by the documents.
    Fail If It Departs From The JSON Schema    VM    values

JS2.3 The VM says the same in JSON as in text
    [Documentation]    Objective: a rendering is a form, and what it says does not depend on it.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.6. 1.2: GFD.223 §5.2, GFD.226 §3.
    ...    *Passes* if kind, mixins, actions, links and attributes are those of the text rendering.
    ...    *Fails* if something differs.
    ...    *Skips* if the site does not answer in JSON, and its file does not claim ``json``.
    [Tags]    GFD.185-3.6.6    GFD.223-5.2
    Fail If The VM Differs In JSON

JS2.4 A collection keeps to the schema
    [Documentation]    Objective: a collection is an object with a list of entities.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3, §11.
    ...    *Passes* if the schema holds.
    ...    *Remark* for what goes beyond it and does no harm.
    ...    *Fails* with the line and column of each departure.
    ...    *Skips* if the site does not answer in JSON, and its file does not claim ``json``.
    [Tags]    GFD.226-11
    Fail If It Departs From The JSON Schema    compute    members

JS2.5 A collection shows its entities whole
    [Documentation]    Objective: in JSON a client learns from a collection what is in it, not only where.
    ...
    ...    *Clauses*: 1.1: none, for it has no JSON. 1.2: GFD.226 §3, GFD.223 §11.1.
    ...    *Passes* if the VM is in the collection, with its kind and attributes.
    ...    *Remark* if the VM's address or id alone is.
    ...    *Fails* if the VM is not there.
    ...    *Skips* if the site does not answer in JSON, and its file does not claim ``json``.
    [Tags]    GFD.223-11.1
    Fail If The Collection In JSON Does Not Show The VM
