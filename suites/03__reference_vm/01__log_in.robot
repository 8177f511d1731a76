*** Settings ***
Documentation     Log in to the reference VM with the ssh login of the site file.
...
...               The VM is active afterwards; the run puts it back at its end.

Resource          ../../resources/reference_vm.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Without A Login To The VM
Test Teardown     Log Out

Test Tags         reference-vm

Name              R1 Log in

*** Test Cases ***
R1.1 Log in to the VM and run a command
    [Documentation]    The reference VM lets the user in with the key or password of the site file.
    ...
    ...    *Passes* if the login works and a command answers.
    ...    *Fails* if the machine does not answer to ssh while the site says active.
    ...    *Cannot tell* if it refuses the user, the password or the key: who has it wrong cannot be seen from here.
    Have The VM Active And Log In
    Fail If The VM Does Not Answer A Command
