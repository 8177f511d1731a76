*** Settings ***
Documentation     Versions: client and server tell each other which OCCI they speak (GFD.185 §3.6.5, GFD.223 §5.3).

Resource          ../../../resources/conformance_http.resource

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

Test Tags         conformance    http    read    GFD.185-3.6.5    GFD.223-5.3

Name              HP8 Versions

*** Test Cases ***
HP8.1 Every answer names the version
    [Documentation]    Objective: a client learns from any answer, a refusal too, which OCCI the server speaks.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.5. 1.2: GFD.223 §5.3.
    ...    *Passes* if each answer's Server header holds OCCI/1.1 or OCCI/1.2.
    ...    *Remark* if it does not hold a version that the site file claims.
    ...    *Fails* if one answer names none.
    [Tags]    dyso:ctf_365
    Fail If An Answer Does Not Name The Version

HP8.2 A client of a newer version is refused
    [Documentation]    Objective: a server does not guess what a client of a version means that it does not speak.
    ...
    ...    *Clauses*: 1.1: GFD.185 §3.6.5. 1.2: GFD.223 §5.3.
    ...    *Passes* if OCCI/9.9 in the User-Agent is answered 501, and OCCI/1.1 is served.
    ...    *Fails* otherwise.
    Fail If A Newer Client Is Served
