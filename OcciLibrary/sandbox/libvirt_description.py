"""How libvirt is told of a machine: the same hardware as QEMU alone is given, in libvirt's XML.

Source: libvirt, formatdomain.html. Its user network cannot forward ports before libvirt 9.9, so QEMU is given that by itself.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from OcciLibrary.sandbox.hardware import GUEST_ADDRESS, KERNEL_OPTIONS, Hardware
from OcciLibrary.sandbox.libvirt_guard import PREFIX
from OcciLibrary.sandbox.real_machine import MachineFiles

_QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
_NETWORK_SLOT = "0x10"  # libvirt gives its own devices lower ones


def description(domain_id: str, hardware: Hardware, files: MachineFiles) -> str:
    """Returns the XML of a domain."""
    ET.register_namespace("qemu", _QEMU)
    domain = ET.Element("domain", type="kvm" if hardware.acceleration == "kvm" else "qemu")
    _add(domain, "name", f"{PREFIX}{domain_id}")
    _add(domain, "uuid", domain_id)
    _add(domain, "memory", str(hardware.memory), unit="MiB")
    _add(domain, "vcpu", str(hardware.cores))
    told = _add(domain, "sysinfo", type="fwcfg")
    for name, file in files.told.items():
        _add(told, "entry", name=f"opt/occi/{name}", file=file.path)
    system = _add(domain, "os")
    _add(system, "type", "hvm", arch="x86_64", machine="q35")
    _add(system, "kernel", str(hardware.kernel))
    _add(system, "initrd", str(hardware.initrd))
    _add(system, "cmdline", KERNEL_OPTIONS)
    _add(_add(domain, "features"), "acpi")
    _add(domain, "cpu", mode="maximum")
    _add(domain, "on_poweroff", "destroy")
    _add(domain, "on_reboot", "restart")
    _add(domain, "on_crash", "destroy")
    _add_devices(domain, hardware, files)
    _add_network(domain, hardware)
    return ET.tostring(domain, encoding="unicode")


def _add_devices(domain: ET.Element, hardware: Hardware, files: MachineFiles) -> None:
    devices = _add(domain, "devices")
    disk = _add(devices, "disk", type="file", device="disk")
    _add(disk, "driver", name="qemu", type="raw", cache="unsafe", discard="unmap")
    _add(disk, "source", file=hardware.disk)
    _add(disk, "target", dev="vda", bus="virtio")
    console = _add(devices, "serial", type="file")
    _add(console, "source", path=files.console.path, append="on")  # else its log daemon would delete it
    _add(console, "target", port="0")
    _add(_add(devices, "rng", model="virtio"), "backend", model="builtin")
    _add(devices, "controller", type="usb", model="none")
    _add(devices, "memballoon", model="none")
    _add(_add(devices, "video"), "model", type="none")


def _add_network(domain: ET.Element, hardware: Hardware) -> None:
    forwards = f"hostfwd=tcp:127.0.0.1:{hardware.ssh_port}-{GUEST_ADDRESS}:22"
    forwards += f",hostfwd=tcp:127.0.0.1:{hardware.echo_port}-{GUEST_ADDRESS}:7777"
    arguments = ["-netdev", f"user,id=net,restrict=on,{forwards}"]
    arguments += ["-device", f"virtio-net-pci,netdev=net,romfile=,bus=pcie.0,addr={_NETWORK_SLOT}"]
    command = _add(domain, f"{{{_QEMU}}}commandline")
    for argument in arguments:
        _add(command, f"{{{_QEMU}}}arg", value=argument)


def _add(parent: ET.Element, name: str, text: str = "", /, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = text or None
    return element
