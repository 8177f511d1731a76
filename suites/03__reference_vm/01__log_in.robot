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
    ...    *Cannot tell* if it refuses the user, the password, the key, or shows another host key than the site file
    ...    says: who has it wrong cannot be seen from here. The rest of this group is then not run.
    Have The VM Active And Log In
    Fail If The VM Does Not Answer A Command

R1.2 The machine shows the host key that is pinned
    [Documentation]    The host key proves that the login leads into this VM and not into another one.
    ...
    ...    *Passes* if the machine shows the key of ${SSH_HOST_KEY}.
    ...    *Skips* where the site file gives none, and tells the fingerprint to ask the site's admin about.
    ...
    ...    A pinned key that changes within a run *fails* the test that logs in then; one that is not pinned and changes
    ...    is a remark there, with both fingerprints: a machine without a disk makes a new key at each boot.
    Have The VM Active And Log In
    Skip Unless A Host Key Is Pinned
