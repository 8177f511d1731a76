*** Settings ***
Documentation     Tests of the OCCI interface of one site, on the one VM that it provisioned for the tester.
...
...               Choose the site with ``--variable SITE:NAME``; ``resources/sites/`` has the names.
...               The VM is put back as it was found at the end; "VM" below says whether that went well.

Resource          ../resources/occi.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Name              OCCI
