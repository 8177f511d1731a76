"""The echo service of a VM, as a process that lives while the VM is up: CPython 2.7 and 3."""

import subprocess
import threading
import time

_BETWEEN_LOOKS = 0.01


class VmEcho(object):
    """Switches the echo service on and off."""

    def __init__(self, command):
        self._command = [str(part) for part in command]
        self._process = None

    def on(self):
        """Starts it and returns when it listens."""
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE)
            self._process.stdout.readline()  # it says when it listens

    def off(self):
        """Ends it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._process = None

    def follow(self, is_up):
        """Keeps it on exactly while `is_up()` says so, from a thread of its own."""
        follower = threading.Thread(target=self._follow, args=(is_up,))
        follower.daemon = True
        follower.start()

    def _follow(self, is_up):
        while True:
            if is_up():
                self.on()
            else:
                self.off()
            time.sleep(_BETWEEN_LOOKS)
