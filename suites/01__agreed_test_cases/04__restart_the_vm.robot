*** Settings ***
Documentation     Agreed test case 4: Restart the VM.
...
...               The VM is active before and after. Not run unless the VM is active.

Resource          ../../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         agreed    tc4

Name              4 Restart the VM

*** Test Cases ***
4.1 Prerequisite: the VM is active
    [Documentation]    Wiki: Prerequisite: Test 3 succeeded (i.e. VM in state active).
    ...
    ...    *Passes* if the VM is in state active.
    ...    *Skips* this test case otherwise.
    Skip Unless The VM Is Active

4.2 Invoke action restart on the VM, using the warm method
    [Documentation]    Wiki: Invoke action restart on the VM, using the warm method.
    ...
    ...    *Passes* if the site accepts the action; what becomes of it is judged in 4.3 and 4.4.
    ...    *Fails* if the site refuses it.
    Invoke The Action Restart On The VM    warm

4.3 Monitor the VM state while it restarts
    [Documentation]    Wiki: Monitor the VM state by querying for the VM AND trying to connect to the VM
    ...    (ping, or using the Echo service).
    ...
    ...    *Passes* if the site says active and the machine answers afterwards, and both stay so.
    ...    *Fails* if the VM does not start up. Also (where the site file gives an ssh login) if the API shows a restart
    ...    while the machine's boot id and uptime prove that there was none.
    Monitor The VM Until It Is Up Again

4.4 The VM went through active, inactive, active
    [Documentation]    Wiki: The retrieved VM state must transition, in this order, through the states
    ...    active --> inactive --> active.
    ...
    ...    *Passes* if the watch saw this order since just before the action.
    ...    *Fails* if it saw another one; the message says what the machine itself showed meanwhile.
    ...
    ...    With an ssh login the three signs of a restart (API, echo or ping, boot id) stand beside the timeline.
    Fail If The States Did Not Follow    active    inactive    active

4.5 Connect to the Echo service
    [Documentation]    Wiki: Connect to the Echo service and send some messages around.
    ...
    ...    *Passes* if every message comes back behind the server's prefix.
    ...    *Fails* if the echo service cannot be contacted.
    Send Some Messages Around
