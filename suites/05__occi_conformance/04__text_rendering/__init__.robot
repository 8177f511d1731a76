*** Settings ***
Documentation     The text renderings by the letter of their grammar: GFD.185 §3.5 (OCCI 1.1) and GFD.229 (OCCI 1.2).
...
...               What is wrong is found as by ``python -m OcciLibrary.lint``: a failure names line and column of the
...               answer, the clause, and the smallest piece that is wrong.

Resource          ../../../resources/conformance_text.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         text

Name              Text rendering
