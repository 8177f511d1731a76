*** Settings ***
Documentation     Agreed test case 3: Start the VM.
...
...               The VM is inactive before and active after.

Resource          ../../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         agreed    tc3

Name              3 Start the VM

*** Test Cases ***
3.1 Query for the VM
    [Documentation]    Wiki: Query for the VM.
    ...
    ...    *Passes* if the VM is listed and in state inactive.
    ...    *Fails* if it is not listed, or NOT in state inactive.
    Query For The VM
    Fail If The VM Is Not Listed
    Fail If The VM Is Not In State    inactive

3.2 Invoke the action start on the VM
    [Documentation]    Wiki: Invoke the action start on the VM.
    ...
    ...    *Passes* if the site accepts the action; what becomes of it is judged in 3.3.
    ...    *Fails* if the site refuses it.
    Invoke The Action Start On The VM

3.3 Monitor the VM state while it starts
    [Documentation]    Wiki: Monitor the VM state by querying for the VM AND trying to connect to the VM
    ...    (ping, or using the Echo service).
    ...
    ...    *Passes* if the site says active and the machine answers, and both stay so.
    ...    *Fails* if the VM does not start up: it does not arrive at state active, or nothing shows that its
    ...    machine runs (echo, ping, or the ssh login of the site file).
    Monitor The VM Until It Is Up

3.4 Connect to the Echo service
    [Documentation]    Wiki: Connect to the Echo service and send some messages around.
    ...
    ...    *Passes* if every message comes back behind the server's prefix.
    ...    *Fails* if the echo service cannot be contacted.
    Send Some Messages Around
