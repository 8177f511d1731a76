*** Settings ***
Documentation     The six test cases that the task force agreed on as the minimal coverage of OCCI's VM management
...               (wiki, Scenario 1, "Agreed test cases"). One file per test case, one test per numbered step.

Resource          ../../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Name              Agreed test cases
