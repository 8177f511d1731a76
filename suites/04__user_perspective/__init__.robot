*** Settings ***
Documentation     What users want of the VM (wiki, Scenario 1, "Issues to follow-up" and "From a user perspective"):
...               install software under their own account, save the image and use it again, get their public key in.
...
...               What creates VMs or images is not run unless MAY_CREATE is True in the site file; all that is created
...               is deleted again. docs/user_perspective.md says what each file needs.

Resource          ../../resources/user_perspective.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         user

Name              User's perspective
