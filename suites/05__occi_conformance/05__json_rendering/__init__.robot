*** Settings ***
Documentation     The JSON rendering of OCCI 1.2 (GFD.226). A site that does not answer in it skips these tests,
...               and so does a site of OCCI 1.1 alone with a JSON of its own that does not claim ``json`` in its file.

Resource          ../../../resources/conformance_json.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         json

Name              JSON rendering
