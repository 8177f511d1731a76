*** Settings ***
Documentation     The core model: GFD.183 (OCCI 1.1) and GFD.221 (OCCI 1.2).

Resource          ../../../resources/conformance_core.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         core

Name              Core
