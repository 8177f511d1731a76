*** Settings ***
Documentation     Under discussion: Change VM attributes while the VM is active.
...
...               Wiki: "I haven't found any specific information about this behaviour. I think it is useful to test."
...               So each attribute's step records what the site answers, what OCCI shows, what is in the machine at
...               once and after a restart, and whether the VM was alive all the while: in its message, its metadata
...               and a table. What is in the machine is read over ssh, where the site file gives a login.
...
...               The VM is active afterwards. The old values come back at the end of the run.

Resource          ../../resources/discussion.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         discussion

Name              D1 Change VM attributes while the VM is active

*** Test Cases ***
D1.1 Change each attribute while the VM is active
    [Documentation]    Asks for another value of each attribute, one after the other.
    ...
    ...    *Passes* whatever the site answers; steps D1.3 to D1.8 judge.
    ...    *Skips* if the VM cannot be brought into state active.
    Have The VM Active
    Change While The VM Is Active
    ...    occi.compute.cores
    ...    occi.compute.hostname
    ...    occi.compute.speed
    ...    occi.compute.memory
    ...    occi.core.title
    ...    occi.core.summary

D1.2 Restart the VM and look again
    [Documentation]    Restarts the VM once, warm; stops and starts it where an accepted change is not in force then.
    ...
    ...    *Passes* if the VM was restarted.
    ...    *Skips* if it was not: the agreed test cases judge that.
    Restart The VM And Look Again

D1.3 What became of the number of cores
    [Documentation]    Records the change of occi.compute.cores.
    ...
    ...    *Passes* whether the site accepts or refuses it.
    ...    *Fails* if the site says one thing and does another, or the change harms the VM.
    Record What Became Of The Change    occi.compute.cores

D1.4 What became of the hostname
    [Documentation]    Records the change of occi.compute.hostname.
    ...
    ...    *Passes* whether the site accepts or refuses it.
    ...    *Fails* if the site says one thing and does another, or the change harms the VM.
    Record What Became Of The Change    occi.compute.hostname

D1.5 What became of the speed
    [Documentation]    Records the change of occi.compute.speed, which cannot be seen in a machine.
    ...
    ...    *Passes* whether the site accepts or refuses it.
    ...    *Fails* if the site says one thing and does another, or the change harms the VM.
    Record What Became Of The Change    occi.compute.speed

D1.6 What became of the memory
    [Documentation]    Records the change of occi.compute.memory. A machine shows less memory than it was given: kernel
    ...    and firmware keep some, so up to 15 % (or 0.15 GiB) less counts as the same.
    ...
    ...    *Passes* whether the site accepts or refuses it.
    ...    *Fails* if the site says one thing and does another, or the change harms the VM.
    Record What Became Of The Change    occi.compute.memory

D1.7 What became of the title
    [Documentation]    Records the change of occi.core.title, which cannot be seen in a machine.
    ...
    ...    *Passes* whether the site accepts or refuses it.
    ...    *Fails* if the site says one thing and does another, or the change harms the VM.
    ...    *Skips* if the VM has no title.
    Record What Became Of The Change    occi.core.title

D1.8 What became of the summary
    [Documentation]    Records the change of occi.core.summary, which cannot be seen in a machine.
    ...
    ...    *Passes* whether the site accepts or refuses it.
    ...    *Fails* if the site says one thing and does another, or the change harms the VM.
    ...    *Skips* if the VM has no summary.
    Record What Became Of The Change    occi.core.summary
