*** Settings ***
Documentation     A VM that was suspended and resumed has kept its memory, and its clock is right.
...
...               What the API shows meanwhile is for test case 5 to judge. The VM is active afterwards; the run puts it
...               back at its end.

Resource          ../../resources/reference_vm.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Without A Login To The VM
Test Teardown     Remove The Traces And Log Out

Test Tags         reference-vm

Name              R6 Suspend and resume

*** Test Cases ***
R6.1 A hibernated VM has kept its memory
    [Documentation]    Leaves a process and a file in RAM in the machine, hibernates and starts it.
    ...
    ...    *Passes* if the boot id is the same, and the same process and the file are still there.
    ...    *Fails* if one of them is not: the machine was booted afresh, and hibernate kept nothing (GFD.184 §3.1). Also
    ...    if the login still works while the VM is suspended.
    ...    *Skips* if the site refuses the action, or the VM is not suspended or does not come back.
    Have The VM Active And Leave Traces In It
    Suspend The VM    hibernate    ${SUSPENDED_FOR}
    Fail If The Login Still Answers
    Have The VM Active
    Fail If The Machine Did Not Keep Its Memory    hibernate

R6.2 The machine's clock is right after it was hibernated
    [Documentation]    A machine that was hibernated wakes up with an old time, which it has to put right.
    ...
    ...    *Passes* if its clock agrees with the site's, as in R3.1, at once or (a remark) within half a minute.
    ...    *Fails* if it does not.
    Skip Unless The VM Was Resumed    hibernate
    Have The VM Active And Log In
    Fail If The Clock Of The Machine Is Not The Site's

R6.3 The echo service tells the right time after the VM was hibernated
    [Documentation]    Compares the server time before each echo with the site's Date header once more.
    ...
    ...    *Passes* if they agree, as in R3.3, at once or (a remark) within half a minute.
    ...    *Fails* if they do not.
    Skip Unless The VM Was Resumed    hibernate
    Have The VM Active
    Fail If The Echo Service Tells Another Time Than The Site

R6.4 A suspended VM has kept its memory
    [Documentation]    As R6.1, with method=suspend, where the site offers it.
    ...
    ...    *Passes* if the boot id is the same, and the same process and the file are still there.
    ...    *Fails* if one of them is not, or if the login still works while the VM is suspended.
    ...    *Skips* if the site refuses this method, or the VM is not suspended or does not come back.
    Have The VM Active And Leave Traces In It
    Suspend The VM    suspend
    Fail If The Login Still Answers
    Have The VM Active
    Fail If The Machine Did Not Keep Its Memory    suspend
