*** Settings ***
Documentation     Agreed test case 5: Suspend and resume the VM.
...
...               The VM is active before and after. Not run unless the VM is active.

Resource          ../../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         agreed    tc5

Name              5 Suspend and resume the VM

*** Test Cases ***
5.1 Prerequisite: the VM is active
    [Documentation]    Wiki: Prerequisite: Test 3, or Test 4 succeeded (i.e. VM in state active).
    ...
    ...    *Passes* if the VM is in state active.
    ...    *Skips* this test case otherwise.
    Skip Unless The VM Is Active

5.2 Invoke action suspend on the VM, using the hibernate method
    [Documentation]    Wiki: Invoke action suspend on the VM, using the hibernate method.
    ...
    ...    *Passes* if the site accepts the action; what becomes of it is judged in 5.3.
    ...    *Fails* if the site refuses it.
    Invoke The Action Suspend On The VM    hibernate

5.3 Monitor the VM state until it is suspended
    [Documentation]    Wiki: Monitor the VM state by querying for the VM.
    ...
    ...    *Passes* if the VM transitions into state suspended and stays there.
    ...    *Fails* if it does not. (The wiki's text lost its "not"; this is what it means.)
    Monitor The VM Until It Is Suspended

5.4 The Echo service is silent
    [Documentation]    Wiki: Connect to the Echo service and send some messages around.
    ...
    ...    *Passes* if no message comes back while the VM is suspended.
    ...    *Fails* if the echo service can be contacted to echo messages back.
    Fail If The Echo Service Echoes

5.5 Invoke action start on the VM
    [Documentation]    Wiki: Invoke action start on the VM.
    ...
    ...    *Passes* if the site accepts the action; what becomes of it is judged in 5.6.
    ...    *Fails* if the site refuses it.
    Invoke The Action Start On The VM

5.6 Monitor the VM state while it resumes
    [Documentation]    Wiki: Monitor the VM state by querying for the VM AND trying to connect to the VM
    ...    (ping, or using the Echo service).
    ...
    ...    *Passes* if the site says active and the machine answers, and both stay so.
    ...    *Fails* if the VM does not transition into state active. Also (where the site file gives an ssh login) if it
    ...    was booted afresh: then hibernate lost the machine's memory, and nothing was resumed (GFD.184 §3.1).
    Monitor The VM Until It Is Up

5.7 Connect to the Echo service
    [Documentation]    Wiki: Connect to the Echo service and send some messages around.
    ...
    ...    *Passes* if every message comes back behind the server's prefix.
    ...    *Fails* if the echo service cannot be contacted.
    Send Some Messages Around
