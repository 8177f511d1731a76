*** Settings ***
Documentation     Agreed test case 2: Change the VM attributes.
...
...               The VM is inactive before and after. The old values come back at the end of the run.

Resource          ../../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         agreed    tc2

Name              2 Change the VM attributes

*** Test Cases ***
2.1 Query for the VM
    [Documentation]    Wiki: Query for the VM.
    ...
    ...    *Passes* if the VM is in state inactive.
    ...    *Fails* if the instance is NOT in state 'inactive'.
    Query The Pre-Provisioned Compute Resource
    Fail If The VM Is Not In State    inactive

2.2 Change the number of cores
    [Documentation]    Wiki: Change the attribute occi.compute.cores to a value different than given in the query.
    ...
    ...    *Passes* if the site accepts the change; whether it took place is judged in 2.6.
    ...    *Fails* if the site refuses it.
    Change The Attribute To A Different Value    occi.compute.cores

2.3 Change the hostname
    [Documentation]    Wiki: Change the attribute occi.compute.hostname to a value different than given in the query.
    ...
    ...    *Passes* if the site accepts the change; whether it took place is judged in 2.6.
    ...    *Fails* if the site refuses it.
    Change The Attribute To A Different Value    occi.compute.hostname

2.4 Change the speed
    [Documentation]    Wiki: Change the attribute occi.compute.speed to a value different than given in the query.
    ...
    ...    *Passes* if the site accepts the change; whether it took place is judged in 2.6.
    ...    *Fails* if the site refuses it. (OCCI 1.2 no longer has this attribute; the wiki still asks for it.)
    Change The Attribute To A Different Value    occi.compute.speed

2.5 Change the memory
    [Documentation]    Wiki: Change the attribute occi.compute.memory to a value different than given in the query.
    ...
    ...    *Passes* if the site accepts the change; whether it took place is judged in 2.6.
    ...    *Fails* if the site refuses it.
    Change The Attribute To A Different Value    occi.compute.memory

2.6 Query again for the compute resource
    [Documentation]    Wiki: Query again for the compute resource.
    ...
    ...    *Passes* if all four attributes have other values than in 2.1.
    ...    *Fails* if at least one attribute did not change its value, or an attribute changed that nobody asked for.
    Query The Pre-Provisioned Compute Resource
    Fail If At Least One Attribute Did Not Change
