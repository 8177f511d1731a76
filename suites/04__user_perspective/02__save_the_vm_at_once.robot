*** Settings ***
Documentation     Users save the VM as an image while it runs, and use the image again (wiki, "From a user
...               perspective"; OCCI 1.2, action save, method hot).
...
...               Needs MAY_CREATE and an ssh login in the site file. The program, the VM and the image are cleared away
...               at the end; VM and image by the next run where this one is killed.

Resource          ../../resources/user_perspective.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM Without The Software
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         user    saving    creates

Name              S1 Save the VM at once

*** Test Cases ***
S1.1 Put a program into the VM
    [Documentation]    Puts a one-line program into the user's home.
    ...
    ...    *Passes* if it runs.
    ...    *Skips* if MAY_CREATE is not True, or without an ssh login.
    ...    *Fails* if the user cannot write in the home.
    Put A Program Into The VM That Is To Be Saved

S1.2 Save the VM while it runs
    [Documentation]    Invokes the action save with the method hot, or OpenStack's create_image.
    ...
    ...    *Passes* if the site accepts it and the VM is active afterwards.
    ...    *Skips* if the site does not advertise either.
    ...    *Fails* if the site refuses, or the VM is not active afterwards.
    Save The VM At Once

S1.3 The image is offered
    [Documentation]    Looks for a new mixin that depends on os_tpl in the site's discovery.
    ...
    ...    *Passes* if the image is there under the name that was asked for, or as the answer to save showed it.
    ...    *Fails* if it is not within TRANSITION_TIMEOUT.
    Fail If The Saved Image Is Not Offered

S1.4 A VM is created from the image
    [Documentation]    Creates a VM of the image and waits until it is active.
    ...
    ...    *Passes* if it is.
    ...    *Fails* if the site refuses, or the VM does not become active.
    Create A VM From The Image And Fail If It Does Not Become Active

S1.5 The VM has the program
    [Documentation]    Logs in to the new VM and runs the program.
    ...
    ...    *Passes* if it runs.
    ...    *Skips* if nobody can log in to the new VM.
    ...    *Fails* if the program is not there.
    Fail If The Program Is Not In The New VM

S1.6 The VM is deleted
    [Documentation]    Deletes the new VM, whatever the steps before showed.
    ...
    ...    *Passes* if the site does not show it any more.
    ...    *Fails* if the site refuses, or still shows it.
    [Setup]    No Operation
    Fail If The New VM Cannot Be Deleted

S1.7 The image is deleted
    [Documentation]    Deletes the image, whatever the steps before showed.
    ...
    ...    *Passes* if the site does not offer it any more.
    ...    *Skips* if the site lets no user delete images through OCCI; the message names the image.
    ...    *Fails* if the site accepts the deletion and keeps the image.
    [Setup]    No Operation
    Fail If The Saved Image Cannot Be Deleted
