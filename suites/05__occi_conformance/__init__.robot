*** Settings ***
Documentation     The OCCI documents themselves, step by step: how far a site follows OCCI 1.1 (GFD.183 to 185) and 1.2
...               (GFD.221 to 229). docs/conformance.md tells which test is about which clause.
...
...               Three levels, by tag: ``read`` sends nothing but GET, ``change`` changes the tester's VM, which is put
...               back at the end, ``create`` is run only where the site file says MAY_CREATE, and deletes what it
...               created. ``--include read`` runs the harmless ones alone.

Resource          ../../resources/conformance.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance

Name              OCCI conformance
