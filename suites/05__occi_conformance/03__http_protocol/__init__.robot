*** Settings ***
Documentation     The protocol over HTTP: GFD.185 (OCCI 1.1, with its renderings) and GFD.223 (OCCI 1.2).

Resource          ../../../resources/conformance.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         http

Name              HTTP protocol
