*** Settings ***
Documentation     Agreed test case 6: Stop the VM.
...
...               The VM is active before and inactive after. Not run unless the VM is active.
...               (The wiki numbers it 1 again.)

Resource          ../../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         agreed    tc6

Name              6 Stop the VM

*** Test Cases ***
6.1 Prerequisite: the VM is active
    [Documentation]    Wiki: Prerequisite: Test 3, 4 or Test 5 succeeded (i.e. VM in state active).
    ...
    ...    *Passes* if the VM is in state active.
    ...    *Skips* this test case otherwise.
    Skip Unless The VM Is Active

6.2 Query for the VM
    [Documentation]    Wiki: Query for the VM.
    ...
    ...    *Passes* if the VM is listed and in state active.
    ...    *Fails* if it is not listed, or NOT in state active.
    Query For The VM
    Fail If The VM Is Not Listed
    Fail If The VM Is Not In State    active

6.3 Connect to the Echo service
    [Documentation]    Wiki: Connect to the Echo service and send some messages around.
    ...
    ...    *Passes* if every message comes back behind the server's prefix.
    ...    *Fails* if the echo service cannot be contacted: a VM that is not there cannot be seen to stop.
    Send Some Messages Around

6.4 Invoke the action stop on the VM
    [Documentation]    Wiki: Invoke the action stop on the VM.
    ...
    ...    *Passes* if the site accepts the action; what becomes of it is judged in 6.5.
    ...    *Fails* if the site refuses it.
    Invoke The Action Stop On The VM

6.5 Monitor the VM state until it is stopped
    [Documentation]    Wiki: Monitor the VM state by querying for the VM AND trying to connect to the VM
    ...    (ping, or using the Echo service).
    ...
    ...    *Passes* if the site says inactive and the machine no longer answers, and both stay so.
    ...    *Fails* if the VM does not assume the state inactive.
    Monitor The VM Until It Is Stopped
