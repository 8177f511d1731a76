*** Settings ***
Documentation     The clocks of the site, of the machine and of its echo service agree.
...
...               3 seconds are allowed, half a second where a clock counts whole seconds, and half of each round trip.
...               The tester's own clock may be wrong. The VM is active afterwards; the run puts it back at its end.

Resource          ../../resources/reference_vm.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Without A Login To The VM
Test Teardown     Log Out

Test Tags         reference-vm

Name              R3 Clocks

*** Test Cases ***
R3.1 The machine's clock is the site's
    [Documentation]    Compares the machine's `date` with the Date header of the OCCI server.
    ...
    ...    *Passes* if they agree, at once or (a remark) within half a minute.
    ...    *Fails* if they differ by more; the message says by how much each differs from the tester's clock.
    Have The VM Active And Log In
    Fail If The Clock Of The Machine Is Not The Site's

R3.2 The echo service tells the machine's time
    [Documentation]    Compares the server time that the echo service puts before each echo with the machine's `date`.
    ...
    ...    *Passes* if they agree, at once or (a remark) within half a minute.
    ...    A local time without its zone is a remark.
    ...    *Fails* if they differ by more.
    Have The VM Active And Log In
    Fail If The Echo Service Tells Another Time Than The Machine

R3.3 The echo service tells the site's time
    [Documentation]    Compares the server time that the echo service puts before each echo with the site's Date header.
    ...
    ...    *Passes* if they agree, at once or (a remark) within half a minute.
    ...    A local time without its zone is a remark.
    ...    *Fails* if they differ by more.
    Have The VM Active
    Fail If The Echo Service Tells Another Time Than The Site
