*** Settings ***
Documentation     The reference VM, which lets a user in by ssh to query its properties (wiki, Scenario 1, "Reference
...               VM"): what is in the machine is compared with what OCCI says of it.
...
...               Not run without an ssh login in the site file (SSH_HOST, SSH_USERNAME and SSH_PASSWORD or SSH_KEY).

Resource          ../../resources/reference_vm.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         reference-vm

Name              Reference VM
