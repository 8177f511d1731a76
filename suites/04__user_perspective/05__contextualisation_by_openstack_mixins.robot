*** Settings ***
Documentation     Contextualisation by the mixins of OpenStack's bridges: a user's public key and user data are in
...               force in a VM that is created with them.
...
...               Needs MAY_CREATE. The key is made for this run; nobody's password is sent. The VM is deleted at the
...               end, or by the next run where this one is killed.

Resource          ../../resources/user_perspective.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found
Test Setup        Begin The Step
Test Teardown     End The Step

Test Tags         user    contextualisation    creates

Name              C2 Contextualisation by the mixins of OpenStack's bridges

*** Test Cases ***
C2.1 Create a VM with a public key and user data
    [Documentation]    Asks for a VM with the mixins
    ...    ``http://schemas.openstack.org/instance/credentials#public_key`` and
    ...    ``http://schemas.openstack.org/compute/instance#user_data``.
    ...
    ...    *Passes* if the site creates the VM.
    ...    *Skips* if MAY_CREATE is not True, or the site does not advertise these mixins.
    ...    *Fails* if the site refuses the creation.
    Create A VM With The User's Key And User Data    openstack

C2.2 The VM becomes active
    [Documentation]    Queries for the new VM until it is active.
    ...
    ...    *Passes* if it is within TRANSITION_TIMEOUT.
    ...    *Fails* otherwise.
    Fail If The New VM Does Not Become Active

C2.3 The user's key lets in
    [Documentation]    Logs in at the address that the site shows for the new VM.
    ...
    ...    *Passes* if the key lets in.
    ...    *Skips* if no ssh server answers at an address that the site shows, for a firewall may be before it.
    ...    *Fails* if the ssh server refuses the key.
    Fail If The User's Key Does Not Let In

C2.4 The user data are in force
    [Documentation]    The user data are a script that writes a random word into a file.
    ...
    ...    *Passes* if the file is in the VM.
    ...    *Fails* if it is not, TRANSITION_TIMEOUT / 2 after the first login.
    Fail If The User Data Are Not In Force

C2.5 Root cannot log in by password
    [Documentation]    Asks the ssh server how root may log in, and tries an empty and a random password.
    ...
    ...    *Passes* if it takes no password from root; with a remark if it asks for one and refuses these two.
    ...    *Fails* if it lets root in.
    [Setup]    No Operation
    Fail If Root Can Log In By Password

C2.6 The VM is deleted
    [Documentation]    Deletes the new VM, whatever the steps before showed.
    ...
    ...    *Passes* if the site does not show it any more.
    ...    *Fails* if the site refuses, or still shows it TRANSITION_TIMEOUT later.
    [Setup]    No Operation
    Fail If The New VM Cannot Be Deleted
