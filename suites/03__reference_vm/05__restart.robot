*** Settings ***
Documentation     After a restart the machine has booted anew, by each method.
...
...               What the API shows meanwhile is for test case 4 to judge. The VM is active afterwards; the run puts it
...               back at its end.

Resource          ../../resources/reference_vm.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Without A Login To The VM
Test Teardown     Remove The Traces And Log Out

Test Tags         reference-vm

Name              R5 Restart

*** Test Cases ***
R5.1 A warm restart boots the machine anew
    [Documentation]    Leaves a process in the machine, restarts it with method=warm and looks for its boot id.
    ...
    ...    *Passes* if the boot id is new and the process gone.
    ...    *Fails* if the machine did not boot though the site took the action.
    ...    *Skips* if the site refuses the action, or the VM does not come back: test case 4 judges that.
    Have The VM Active And Leave Traces In It
    Restart The VM    warm
    Fail If The Machine Did Not Boot Anew    after=restart (warm)

R5.2 A graceful restart boots the machine anew
    [Documentation]    As R5.1, with method=graceful.
    ...
    ...    *Passes* if the boot id is new and the process gone.
    ...    *Fails* if the machine did not boot though the site took the action.
    ...    *Skips* if the site refuses this method, or the VM does not come back.
    Have The VM Active And Leave Traces In It
    Restart The VM    graceful
    Fail If The Machine Did Not Boot Anew    after=restart (graceful)

R5.3 A cold restart boots the machine anew
    [Documentation]    As R5.1, with method=cold.
    ...
    ...    *Passes* if the boot id is new and the process gone.
    ...    *Fails* if the machine did not boot though the site took the action.
    ...    *Skips* if the site refuses this method, or the VM does not come back.
    Have The VM Active And Leave Traces In It
    Restart The VM    cold
    Fail If The Machine Did Not Boot Anew    after=restart (cold)
