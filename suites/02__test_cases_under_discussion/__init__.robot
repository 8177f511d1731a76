*** Settings ***
Documentation     The test case that the task force still discusses (wiki, "Test cases that need discussion").
...
...               It is there to learn from: what a site does is recorded, and it fails only where it says one thing and
...               does another, or harms the VM. docs/discussion.md tells what is recorded.

Resource          ../../resources/discussion.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         discussion

Name              Test cases under discussion
