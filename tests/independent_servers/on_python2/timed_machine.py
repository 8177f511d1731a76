"""A virtual machine whose changes take time, for the back-ends of OCCI libraries: CPython 2.7 and 3.

It knows nothing of OCCI's renderings. What it says of itself it really does: its echo service is a process that lives
exactly while the machine is up. Each order that it takes, and each change of its attributes, is a JSON line on standard
error.
"""

import json
import sys
import threading
import time

# order -> (states in which it is taken, what happens one after the other)
COURSES = {
    "start": (("inactive", "suspended"), ("pause", "echo on", "active")),
    "stop": (("active",), ("echo off", "pause", "inactive")),
    "restart": (("active",), ("echo off", "pause", "inactive", "pause", "echo on", "active")),
    "suspend": (("active",), ("echo off", "pause", "suspended")),
}
# By section 3.1 of GFD.184; an order without a method is always known.
METHODS = {
    "stop": ("graceful", "acpioff", "poweroff"),
    "restart": ("graceful", "warm", "cold"),
    "suspend": ("hibernate", "suspend"),
}
TAKEN = ("occi.compute.cores", "occi.compute.hostname", "occi.compute.speed", "occi.compute.memory")


class Refused(Exception):
    """An order that the machine does not take now."""


class TimedMachine(object):
    """One machine; `seconds` is how long each pause on its way lasts."""

    def __init__(self, echo, seconds):
        self.state = "inactive"
        self.attributes = {
            "occi.compute.architecture": "x64",
            "occi.compute.cores": 2,
            "occi.compute.hostname": "vm1",
            "occi.compute.speed": 2.0,
            "occi.compute.memory": 1.5,
        }
        self._seconds = seconds
        self._echo = echo
        self._busy = False
        self._lock = threading.Lock()

    def orders(self):
        """Returns the orders that the machine takes now; none while it is changing."""
        with self._lock:
            if self._busy:
                return []
            return sorted(order for order, (states, _) in COURSES.items() if self.state in states)

    def take(self, order, method=""):
        """Begins what is ordered and returns at once. Raises Refused."""
        if method and method not in METHODS.get(order, ()):
            raise Refused("%s has no method %s" % (order, method))
        with self._lock:
            states, course = COURSES[order]
            if self._busy or self.state not in states:
                raise Refused("%s is not applicable: the machine is %s" % (order, self._words()))
            self._busy = True
        self._tell("took", order)
        worker = threading.Thread(target=self._follow, args=(course,))
        worker.daemon = True
        worker.start()

    def change(self, attributes):
        """Stores new attribute values, which only an inactive machine takes. Raises Refused."""
        with self._lock:
            if self._busy or self.state != "inactive":
                raise Refused("attributes cannot be changed: the machine is %s" % self._words())
            for name in attributes:
                if name not in TAKEN:
                    raise Refused("%s cannot be changed" % name)
            self.attributes.update(attributes)
        self._tell("has", self.attributes)

    @staticmethod
    def _tell(what, told):
        sys.stderr.write(json.dumps({what: told}, sort_keys=True) + "\n")
        sys.stderr.flush()

    def _words(self):
        return "changing" if self._busy else self.state

    def _follow(self, course):
        for place, happening in enumerate(course, 1):
            if happening == "echo on":
                self._echo.on()
            elif happening == "echo off":
                self._echo.off()
            elif happening == "pause":
                time.sleep(self._seconds)
            else:
                self._arrive(happening, place == len(course))

    def _arrive(self, state, at_the_end):
        with self._lock:
            self.state = state
            self._busy = not at_the_end
