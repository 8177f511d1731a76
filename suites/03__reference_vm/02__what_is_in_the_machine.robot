*** Settings ***
Documentation     What the machine has inside is what OCCI says of it.
...
...               The VM is active afterwards; the run puts it back at its end.

Resource          ../../resources/reference_vm.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Without A Login To The VM
Test Teardown     Log Out

Test Tags         reference-vm

Name              R2 What is in the machine

*** Test Cases ***
R2.1 The machine has the cores that OCCI says
    [Documentation]    Compares occi.compute.cores with the cores in the machine.
    ...
    ...    *Passes* if the machine has that number of cores, for programs or in its kernel.
    ...    *Fails* if it has another number. There is no tolerance.
    Have The VM Active And Log In
    Fail If The Machine Has Other Cores Than OCCI Says

R2.2 The machine has the memory that OCCI says
    [Documentation]    Compares occi.compute.memory (GiB; MiB on bridges to OpenStack) with the memory in the machine.
    ...
    ...    *Passes* if the blocks of memory that the kernel manages add up to it: not less (7 % less where a site counts
    ...    decimal GB), and at most one block (128 MiB mostly) more, for they are rounded up.
    ...    *Fails* otherwise.
    ...
    ...    The kernel takes a part before it counts: `free` shows 85 to 90 % in a small machine. So a machine that does
    ...    not tell of its blocks passes with 75 % (less 64 MiB) to 102 % of the memory that OCCI says.
    Have The VM Active And Log In
    Fail If The Machine Has Other Memory Than OCCI Says

R2.3 The machine has the hostname that OCCI says
    [Documentation]    Compares occi.compute.hostname with what the machine calls itself.
    ...
    ...    *Passes* if both are the same, capitals aside; where one has no domain, if the first labels are.
    ...    *Fails* otherwise.
    Have The VM Active And Log In
    Fail If The Machine Has Another Hostname Than OCCI Says

R2.4 The machine has the architecture that OCCI says
    [Documentation]    Compares occi.compute.architecture (x86 or x64) with that of the machine's kernel.
    ...
    ...    *Passes* if they agree; an x64 machine that is said to be x86 is a remark.
    ...    *Fails* otherwise.
    Have The VM Active And Log In
    Fail If The Machine Has Another Architecture Than OCCI Says

R2.5 The speed of the machine, for information
    [Documentation]    Tells occi.compute.speed and the speed that the machine's kernel gives, side by side.
    ...
    ...    *Passes* if both can be had, whatever they are: a virtual machine runs at the speed of its host.
    Have The VM Active And Log In
    Tell The Speed Of The Machine And Of OCCI
