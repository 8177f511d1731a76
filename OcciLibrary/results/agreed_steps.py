"""The 29 steps of the agreed test cases, in the words of the task force's wiki (Scenario 1, "Agreed test cases")."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AgreedStep:
    """Holds a step's number, its name in the suites, what the wiki asks for, and when the wiki has it fail (or '')."""

    key: str
    name: str
    wiki: str
    fails: str = ""


AGREED_CASES = {
    "1": "1 Identify and query the VM",
    "2": "2 Change the VM attributes",
    "3": "3 Start the VM",
    "4": "4 Restart the VM",
    "5": "5 Suspend and resume the VM",
    "6": "6 Stop the VM",
}
"""The titles of the test cases by their number."""

AGREED_STEPS = (
    AgreedStep(
        "1.1",
        "1.1 Query for a listing of compute resources",
        "Query for a listing of compute resources.",
        "Fail if the pre-provisioned VM is not in the list.",
    ),
    AgreedStep(
        "1.2",
        "1.2 Query the pre-provisioned compute resource",
        "Query the pre-provisioned compute resource.",
        "Fail if it cannot be queried for detailed information.",
    ),
    AgreedStep(
        "2.1", "2.1 Query for the VM", "Query for the VM.", "Fail if the instance is NOT in state 'inactive'"
    ),
    AgreedStep(
        "2.2",
        "2.2 Change the number of cores",
        "Change the attribute occi.compute.cores to a value different than given in the query.",
    ),
    AgreedStep(
        "2.3",
        "2.3 Change the hostname",
        "Change the attribute occi.compute.hostname to a value different than given in the query.",
    ),
    AgreedStep(
        "2.4",
        "2.4 Change the speed",
        "Change the attribute occi.compute.speed to a value different than given in the query.",
    ),
    AgreedStep(
        "2.5",
        "2.5 Change the memory",
        "Change the attribute occi.compute.memory to a value different than given in the query.",
    ),
    AgreedStep(
        "2.6",
        "2.6 Query again for the compute resource",
        "Query again for the compute resource.",
        "Fail if at least one attribute did not change its value.",
    ),
    AgreedStep(
        "3.1",
        "3.1 Query for the VM",
        "Query for the VM.",
        "Fail if it is not listed, or NOT in state inactive.",
    ),
    AgreedStep("3.2", "3.2 Invoke the action start on the VM", "Invoke the action start on the VM."),
    AgreedStep(
        "3.3",
        "3.3 Monitor the VM state while it starts",
        "Monitor the VM state by querying for the VM AND trying to connect to the VM (ping, or using the Echo service).",
        "Fail if the VM does not start up (i.e. does not arrive at state active).",
    ),
    AgreedStep(
        "3.4",
        "3.4 Connect to the Echo service",
        "Connect to the Echo service and send some messages around.",
        "Fail if the echo service cannot be contacted.",
    ),
    AgreedStep(
        "4.1",
        "4.1 Prerequisite: the VM is active",
        "Prerequisite: Test 3 succeeded (i.e. VM in state active).",
    ),
    AgreedStep(
        "4.2",
        "4.2 Invoke action restart on the VM, using the warm method",
        "Invoke action restart on the VM, using the warm method.",
    ),
    AgreedStep(
        "4.3",
        "4.3 Monitor the VM state while it restarts",
        "Monitor the VM state by querying for the VM AND trying to connect to the VM (ping, or using the Echo service).",
        "Fail if the VM does not start up",
    ),
    AgreedStep(
        "4.4",
        "4.4 The VM went through active, inactive, active",
        "The retrieved VM state must transition, in this order, through the states active --> inactive --> active.",
    ),
    AgreedStep(
        "4.5",
        "4.5 Connect to the Echo service",
        "Connect to the Echo service and send some messages around.",
        "Fail if the echo service cannot be contacted.",
    ),
    AgreedStep(
        "5.1",
        "5.1 Prerequisite: the VM is active",
        "Prerequisite: Test 3, or Test 4 succeeded (i.e. VM in state active).",
    ),
    AgreedStep(
        "5.2",
        "5.2 Invoke action suspend on the VM, using the hibernate method",
        "Invoke action suspend on the VM, using the hibernate method.",
    ),
    AgreedStep(
        "5.3",
        "5.3 Monitor the VM state until it is suspended",
        "Monitor the VM state by querying for the VM.",
        "Fail if the VM does transition into state suspended.",
    ),
    AgreedStep(
        "5.4",
        "5.4 The Echo service is silent",
        "Connect to the Echo service and send some messages around.",
        "Fail if the echo service can be contacted to echo messages back.",
    ),
    AgreedStep("5.5", "5.5 Invoke action start on the VM", "Invoke action start on the VM."),
    AgreedStep(
        "5.6",
        "5.6 Monitor the VM state while it resumes",
        "Monitor the VM state by querying for the VM AND trying to connect to the VM (ping, or using the Echo service).",
        "Fail if the VM does not transition into state active.",
    ),
    AgreedStep(
        "5.7",
        "5.7 Connect to the Echo service",
        "Connect to the Echo service and send some messages around.",
        "Fail if the echo service cannot be contacted.",
    ),
    AgreedStep(
        "6.1",
        "6.1 Prerequisite: the VM is active",
        "Prerequisite: Test 3, 4 or Test 5 succeeded (i.e. VM in state active).",
    ),
    AgreedStep(
        "6.2",
        "6.2 Query for the VM",
        "Query for the VM.",
        "Fail if it is not listed, or NOT in state active.",
    ),
    AgreedStep(
        "6.3", "6.3 Connect to the Echo service", "Connect to the Echo service and send some messages around."
    ),
    AgreedStep("6.4", "6.4 Invoke the action stop on the VM", "Invoke the action stop on the VM."),
    AgreedStep(
        "6.5",
        "6.5 Monitor the VM state until it is stopped",
        "Monitor the VM state by querying for the VM AND trying to connect to the VM (ping, or using the Echo service).",
        "Fail if the VM does not assume the state inactive.",
    ),
)
