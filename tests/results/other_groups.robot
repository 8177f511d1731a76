*** Settings ***
Documentation     Test cases of two more groups, small ones, as the matrix shows them.

Resource          ${EXECDIR}/resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Name              R1 Look around

*** Test Cases ***
R1.1 Query the VM once more
    [Documentation]    *Passes* if the site answers.
    [Tags]    reference-vm
    Query The VM

R1.2 Install nothing
    [Documentation]    *Passes* if there is nothing to install.
    [Tags]    reference-vm
    Skip    Not offered: the site says that it has no packages.

Of my own
    [Documentation]    No group has this test.
    VM Should Be Listed
