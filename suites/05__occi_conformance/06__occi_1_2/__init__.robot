*** Settings ***
Documentation     What OCCI 1.2 adds to 1.1 and changes in it: GFD.221, GFD.223, GFD.224 and GFD.229. A site that claims
...               OCCI 1.1 alone is not asked: each test is SKIP there.

Resource          ../../../resources/conformance_1_2.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         occi-1.2

Name              OCCI 1.2
