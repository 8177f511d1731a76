"""Nova's own fake hypervisor with two things added: changes take time, and each VM that is up has an echo service."""

from __future__ import annotations

import subprocess
import time

from nova.virt import fake

# Set by serve_nova.py before Nova loads the driver.
echo_command: list[str] = []
seconds = 1.0
_echoes: dict[str, subprocess.Popen[bytes]] = {}


def _switch_on(uuid: str) -> None:
    if uuid not in _echoes:
        _echoes[uuid] = subprocess.Popen(echo_command, stdout=subprocess.PIPE)
        _echoes[uuid].stdout.readline()  # it says when it listens


def _switch_off(uuid: str) -> None:
    process = _echoes.pop(uuid, None)
    if process is not None:
        process.terminate()
        process.wait()


def end_all() -> None:
    """Ends every echo service."""
    for uuid in list(_echoes):
        _switch_off(uuid)


class TimedFakeDriver(fake.FakeDriver):
    """The fake hypervisor, whose VMs take their time and can be seen from outside."""

    def spawn(self, context, instance, *arguments, **named):
        """Boots a new VM."""
        super().spawn(context, instance, *arguments, **named)
        _switch_on(instance.uuid)

    def power_on(self, context, instance, *arguments, **named):
        """Boots a stopped VM."""
        time.sleep(seconds)
        super().power_on(context, instance, *arguments, **named)
        _switch_on(instance.uuid)

    def power_off(self, instance, timeout=0, retry_interval=0):
        """Shuts a VM down."""
        _switch_off(instance.uuid)
        time.sleep(seconds)
        super().power_off(instance, timeout, retry_interval)

    def reboot(self, context, instance, *arguments, **named):
        """Shuts a VM down and boots it again; Nova shows REBOOT meanwhile."""
        _switch_off(instance.uuid)
        time.sleep(seconds)
        super().reboot(context, instance, *arguments, **named)

    def suspend(self, context, instance):
        """Writes a VM's memory away."""
        _switch_off(instance.uuid)
        time.sleep(seconds)
        super().suspend(context, instance)

    def resume(self, context, instance, *arguments, **named):
        """Brings a suspended VM back."""
        time.sleep(seconds)
        super().resume(context, instance, *arguments, **named)
        _switch_on(instance.uuid)
