*** Settings ***
Documentation     Agreed test case 1: Identify and query the VM.
...
...               The VM stays as it is.

Resource          ../../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         agreed    tc1

Name              1 Identify and query the VM

*** Test Cases ***
1.1 Query for a listing of compute resources
    [Documentation]    Wiki: Query for a listing of compute resources.
    ...
    ...    *Passes* if the site answers with a listing that has the pre-provisioned VM.
    ...    *Fails* if the pre-provisioned VM is not in the list.
    Query For A Listing Of Compute Resources
    Fail If The Pre-Provisioned VM Is Not In The List

1.2 Query the pre-provisioned compute resource
    [Documentation]    Wiki: Query the pre-provisioned compute resource.
    ...
    ...    *Passes* if the site answers with the VM's kind and attributes.
    ...    *Fails* if it cannot be queried for detailed information.
    Query The Pre-Provisioned Compute Resource
