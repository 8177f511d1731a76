*** Settings ***
Documentation     The inventory of the VM (wiki, "Issues to follow-up/resolve" 2 and 4): architecture, virtualisation,
...               system, compilers, interpreters and well-known libraries with their versions.
...
...               Needs an ssh login in the site file. Asks as an ordinary user and changes nothing in the VM.
...               docs/inventory.md describes the record that it leaves in the output folder, inventory-SITE.json.

Resource          ../../resources/inventory.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Without A Login To The VM
Test Teardown     Log Out

Test Tags         user    inventory

Name              I1 Inventory

*** Test Cases ***
I1.1 What the VM has
    [Documentation]    Shows the inventory as a table, and writes it down so that it can be compared.
    ...
    ...    *Passes* whatever the VM has.
    ...    *Skips* if nobody can log in, or the machine does not tell what it is.
    Have The VM Active And Log In Or Skip
    Record The Inventory

I1.2 The VM has the architecture that OCCI says
    [Documentation]    Compares occi.compute.architecture (x86 or x64) with that of the machine's kernel.
    ...
    ...    *Passes* if they agree; an x64 machine that is said to be x86 is a remark.
    ...    *Fails* otherwise.
    ...    *Skips* if nobody can log in, or one of the two does not say it.
    Have The VM Active And Log In Or Skip
    Fail If The Machine Has Another Architecture Than OCCI Says
