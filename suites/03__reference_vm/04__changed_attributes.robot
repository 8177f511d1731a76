*** Settings ***
Documentation     Attributes that were changed while the VM was inactive are in the machine after its next start.
...
...               The VM is active afterwards, with other attributes; the run puts both back at its end.

Resource          ../../resources/reference_vm.resource

Suite Setup       Prepare The Site
Suite Teardown    Run Keywords    Remove The Traces    AND    Leave The VM As It Was Found
Test Setup        Run Keywords    Begin The Step    AND    Skip Without A Login To The VM
Test Teardown     Run Keywords    Log Out    AND    End The Step

Test Tags         reference-vm

Name              R4 Changed attributes

*** Test Cases ***
R4.1 A stopped VM lets nobody in
    [Documentation]    Notes the boot id, leaves a process in the machine and stops the VM.
    ...
    ...    *Passes* if nobody can log in while the site says inactive.
    ...    *Fails* if the login still works: the machine was not stopped, or the login leads into another one.
    Have The VM Active And Leave Traces In It
    Have The VM Inactive
    Fail If The Login Still Answers

R4.2 Change cores, memory and hostname while the VM is inactive
    [Documentation]    Changes them as test case 2 does, which judges whether the site can.
    ...
    ...    *Passes* if the site accepts a change.
    ...    *Skips* if it accepts none.
    Have The VM Inactive
    Change Cores, Memory And Hostname

R4.3 The start is a fresh boot
    [Documentation]    Starts the VM and looks for the boot id and the process of R4.1.
    ...
    ...    *Passes* if the boot id is new and the process gone.
    ...    *Fails* otherwise: the machine was not stopped and started.
    Have The VM Active
    Fail If The Machine Did Not Boot Anew    after=stop and start

R4.4 The changed number of cores is in the machine
    [Documentation]    Compares what OCCI says now with the machine, as R2.1 does.
    ...
    ...    *Passes* if they agree.
    ...    *Fails* otherwise; the message says when the machine has what it had before the change.
    ...    *Skips* if the site did not change it: test case 2 judges that.
    Have The VM Active And Log In
    Fail If The Changed Attribute Is Not In The Machine    cores
    [Teardown]    Log Out

R4.5 The changed memory is in the machine
    [Documentation]    Compares what OCCI says now with the machine, as R2.2 does.
    ...
    ...    *Passes* if they agree.
    ...    *Fails* otherwise; the message says when the machine has what it had before the change.
    ...    *Skips* if the site did not change it: test case 2 judges that.
    Have The VM Active And Log In
    Fail If The Changed Attribute Is Not In The Machine    memory
    [Teardown]    Log Out

R4.6 The changed hostname is in the machine
    [Documentation]    Compares what OCCI says now with the machine, as R2.3 does.
    ...
    ...    *Passes* if they agree.
    ...    *Fails* otherwise; the message says when the machine has what it had before the change.
    ...    *Skips* if the site did not change it: test case 2 judges that.
    Have The VM Active And Log In
    Fail If The Changed Attribute Is Not In The Machine    hostname
    [Teardown]    Log Out
