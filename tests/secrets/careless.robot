*** Comments ***
# It is careless on purpose.
# robocop: off=DEPR06,KW01,LEN06,VAR02

*** Settings ***
Documentation     A tester's own suite that is as careless with secrets as it can be.

Resource          ${CURDIR}/../../resources/occi.resource
Library           OperatingSystem
Library           RequestsLibrary
Library           SSHLibrary

Suite Setup       Prepare The Site
Suite Teardown    Leave The VM As It Was Found

*** Variables ***
${OCCI_PASSWORD: Secret}        %{OCCI_PASSWORD=}
${OCCI_TOKEN: Secret}           %{OCCI_TOKEN=}
${OCCI_KEY_PASSWORD: Secret}    %{OCCI_KEY_PASSWORD=}
${SSH_PASSWORD: Secret}         %{SSH_PASSWORD=}
${KEY_FILE}                     ${EMPTY}
${WAITING}                      ${False}

*** Test Cases ***
Answers Are Shown
    [Documentation]    Everything that the site hands out.
    Query The VM
    Create OCCI Session    occi
    VAR    &{headers}    Accept=text/plain
    ${answer}    GET On Session    occi    compute/${VM_ID}    headers=${headers}
    Log    ${answer.headers}
    Log    ${answer.text}
    GET On Session    occi    compute/nothing    expected_status=404

A Refusal Is Shown
    [Documentation]    The site's own words hold what was sent.
    Create OCCI Session    occi
    GET On Session    occi    compute/nothing

A Private Attribute Is Compared
    [Documentation]    The failure shows the value.
    Get VM Attribute    org.openstack.compute.console.vnc    ==    nothing

Sessions Of Their Own Are Logged In By Hand
    [Documentation]    As testers do who do not know better, with all that RequestsLibrary can show.
    ${by_hand}    Create List    ann    ${OCCI_PASSWORD.value}
    Create Session    basic    ${OCCI_ENDPOINT}    auth=${by_hand}    debug=1    max_retries=0
    GET On Session    basic    /-/?password\=${OCCI_PASSWORD.value}    expected_status=any
    ${digest}    Create List    ann    ${OCCI_PASSWORD.value}
    Create Digest Session    digest    ${OCCI_ENDPOINT}    auth=${digest}    debug=1    max_retries=0
    GET On Session    digest    /-/    expected_status=any
    VAR    &{token}    X-Auth-Token=${OCCI_TOKEN.value}    Authorization=Bearer ${OCCI_TOKEN.value}
    Create Session    token    ${OCCI_ENDPOINT}    headers=${token}    debug=1    max_retries=0
    GET On Session    token    /-/    expected_status=any
    VAR    &{json}    password=${OCCI_PASSWORD.value}    key=${OCCI_KEY_PASSWORD.value}
    POST On Session    token    /compute/    json=${json}    expected_status=any
    ${quoted}    Evaluate    urllib.parse.quote($OCCI_PASSWORD.value, safe='')
    FOR    ${password}    IN    ${quoted}    ${OCCI_PASSWORD.value}
        ${url}    Evaluate    $OCCI_ENDPOINT.replace('://', '://ann:' + $password + '@')
        Run Keyword And Ignore Error    GET    ${url}-/    expected_status=any
    END

The Machine Is Entered
    [Documentation]    Once as it should be, and once by hand.
    Log In To The VM
    ${name}    Execute Command    hostname
    SSHLibrary.Open Connection    ${SSH_HOST}    port=${SSH_PORT}
    SSHLibrary.Login    ${SSH_USERNAME}    ${SSH_PASSWORD.value}
    Execute Command    echo ${SSH_PASSWORD.value}
    Close All Connections

A Key Is Printed
    [Documentation]    The file that the site file names.
    ${text}    OperatingSystem.Get File    ${KEY_FILE}
    Log    ${text}
    Log To Console    ${text}

A Keyword Crashes
    [Documentation]    With each secret in the words of its exception.
    FOR    ${secret}    IN    ${OCCI_PASSWORD}    ${OCCI_TOKEN}    ${OCCI_KEY_PASSWORD}    ${SSH_PASSWORD}
        Run Keyword And Continue On Failure    Evaluate    {}['crashed on ' + $secret.value]
    END

The Run Is Cut Off
    [Documentation]    Where the test is to interrupt it.
    Pass Execution If    not ${WAITING}    Nobody interrupts it.
    Log To Console    waiting ${OCCI_PASSWORD.value}
    Sleep    30s    reason=${OCCI_TOKEN.value}
