*** Settings ***
Documentation     The audit of the VM (wiki, "Issues to follow-up/resolve" 1): what listens, who may log in, sudo
...               rights, pending security updates.
...
...               A report without a verdict: whether it is good is for people to say. It needs an ssh login in the
...               site file, asks as an ordinary user, changes nothing in the VM and fetches nothing from a network.

Resource          ../../resources/inventory.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Skip Without A Login To The VM
Test Teardown     Log Out

Test Tags         user    audit

Name              A1 Audit

*** Test Cases ***
A1.1 What listens
    [Documentation]    Reports the ports on which the VM listens, and from where they can be reached.
    ...
    ...    *Passes* whatever listens. *Skips* if nobody can log in, or the machine does not tell.
    Have The VM Active And Log In Or Skip
    Report What Listens In The VM

A1.2 Who may log in
    [Documentation]    Reports accounts with a shell, how many public keys open each, and the ssh server's settings,
    ...    as far as the user may read them. No key is read out.
    ...
    ...    *Passes* whoever may. *Skips* if nobody can log in, or the machine does not tell.
    Have The VM Active And Log In Or Skip
    Report Who May Log In To The VM

A1.3 Sudo rights
    [Documentation]    Reports what the user may do as root, by the user's groups and by sudo.
    ...
    ...    *Passes* whatever it is. *Skips* if nobody can log in, or the machine does not tell.
    Have The VM Active And Log In Or Skip
    Report The Sudo Rights In The VM

A1.4 Pending updates
    [Documentation]    Reports the updates that the VM's package manager (apt, apk, dnf) knows of, by its own lists.
    ...
    ...    *Passes* whatever is pending. *Skips* if nobody can log in, there is no such package manager, or it has never
    ...    fetched its lists.
    Have The VM Active And Log In Or Skip
    Report Pending Updates Of The VM
