*** Settings ***
Documentation     The infrastructure model: GFD.184 (OCCI 1.1) and GFD.224 (OCCI 1.2).

Resource          ../../../resources/conformance_infrastructure.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         infrastructure

Name              Infrastructure
