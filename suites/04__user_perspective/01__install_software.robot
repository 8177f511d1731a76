*** Settings ***
Documentation     Users install software under their own account, and find it again (wiki, "From a user perspective").
...
...               Needs an ssh login in the site file. Everything goes into one folder of the user's home, which is
...               removed at the end. Where the VM does not get into a state, the test is skipped: the agreed test cases
...               judge that.

Resource          ../../resources/user_perspective.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM Without The Software
Test Setup        Skip Without A Login To The VM

Test Tags         user    software

Name              U1 Install software

*** Test Cases ***
U1.1 Install a program without root and use it
    [Documentation]    Unpacks a program of shell scripts, with a library of its own, in the user's home and runs it.
    ...
    ...    *Passes* if it adds up the numbers that it is given.
    ...    *Fails* if the user cannot write in the home, or not run what is there.
    Install A Program In The User's Home

U1.2 Compile a program and use it
    [Documentation]    Compiles a C program in the user's home.
    ...
    ...    *Passes* if what was compiled adds up the numbers that it is given.
    ...    *Skips* if the VM has no C compiler, or no C library to compile with.
    ...    *Fails* if the compiler does not compile it, or it does not run.
    Compile A Program In The User's Home

U1.3 Install a Python program and use it
    [Documentation]    Puts a program in one zip file into the user's home.
    ...
    ...    *Passes* if it adds up the numbers that it is given.
    ...    *Skips* if the VM has no Python 3.
    ...    *Fails* if it does not run.
    Install A Python Program In The User's Home

U1.4 Install a package of the distribution without root
    [Documentation]    Gets GNU hello by the package manager and unpacks it in the user's home.
    ...
    ...    *Passes* if its program greets.
    ...    *Skips* if there is no package manager that is known here, it does not give the package to a user without
    ...    root, or the VM does not reach the distribution's servers.
    ...    *Fails* if the unpacked program does not run.
    Install A Package Of The Distribution Without Root

U1.5 The software is there after a restart
    [Documentation]    Restarts the VM gracefully; the boot id shows that it did restart.
    ...
    ...    *Passes* if all that was installed still runs.
    ...    *Fails* if something does not.
    Fail If The Software Is Gone After A Restart

U1.6 The software is there after suspend and resume
    [Documentation]    Suspends the VM (hibernate) and resumes it.
    ...
    ...    *Passes* if all that was installed still runs.
    ...    *Fails* if something does not.
    Fail If The Software Is Gone After Suspend And Resume

U1.7 The software is there after stop and start
    [Documentation]    Stops the VM gracefully and starts it.
    ...
    ...    *Passes* if all that was installed still runs.
    ...    *Fails* if something does not.
    Fail If The Software Is Gone After Stop And Start

U1.8 The software can be removed
    [Documentation]    Removes all that was put into the VM.
    ...
    ...    *Passes* if nothing is left of it.
    ...    *Fails* if something is.
    Fail If Software Cannot Be Removed
