*** Comments ***
# It is careless on purpose.
# robocop: off=DEPR05,DEPR06,DOC02,GRP01,LEN04,LEN06,TAG01,VAR02,VAR07

*** Settings ***
Documentation    Spills a secret in every way that Robot Framework's own keywords have.

Library          OcciLibrary

Suite Setup      Log    setup ${PW.value}

*** Variables ***
${PW: Secret}      %{CANARY}
${KEY_PASSWORD}    %{OTHER_CANARY}

*** Test Cases ***
Name ${PW.value}
    [Documentation]    doc ${PW.value}
    [Tags]    tag ${PW.value}
    Log    ${PW.value}
    Log    <b>${PW.value}</b>    html=True
    Log    ${PW.value}    level=DEBUG    formatter=repr
    Log    ${PW.value}    level=WARN
    Log    to both ${PW.value}    console=True
    Log    %{OTHER_CANARY} is one by the name of its variable
    Log To Console    ${PW.value}
    Log To Console    ${PW.value}    stream=stderr
    Log Many    ${PW.value}    x${PW.value}x
    ${x}    Set Variable    ${PW.value}
    VAR    ${y}    ${PW.value}    and more
    Set Suite Variable    ${z}    ${PW.value}
    ${long}    Evaluate    ($PW.value + ' ') * 100
    ${encoded}    Evaluate    base64.b64encode(('user:' + $PW.value).encode()).decode()
    &{dictionary}    Create Dictionary    password=${PW.value}
    Log Variables
    FOR    ${value}    IN    ${PW.value}
        Log    ${value}
    END
    GROUP    ${PW.value}
        No Operation
    END
    Evaluate    print('printed', $PW.value, file=sys.stderr)
    Set Test Message    *HTML*<b>${PW.value}</b>

What Catches A Failure Gets It As It Was
    Run Keyword And Expect Error    Said ${PW.value}    Fail    Said ${PW.value}
    ${status}    ${message}    Run Keyword And Ignore Error    Fail    ${PW.value}
    Should Be Equal    ${message}    ${PW.value}
    TRY
        Fail    ${PW.value}
    EXCEPT    ${PW.value}
        Log    caught
    END

A Secret That Came Later
    VAR    ${late: Secret}    ${PW}-and-more
    Log    ${late.value}
    ${made}    Evaluate    robot.api.types.Secret('late-' + $PW.value[::-1])    modules=robot.api.types
    Log    ${made.value}

Fails
    Should Be Equal    ${PW.value} x    y

Crashes
    Evaluate    {}[$PW.value]

Literal
    Log    Spilt-c4nary"<7>
    Run Keyword    ${PW.value}

Ends The Run
    [Tags]    fatal
    Fatal Error    ${PW.value}

Is Not Reached
    [Tags]    fatal
    Log    ${PW.value}
