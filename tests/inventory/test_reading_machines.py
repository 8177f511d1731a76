"""Reading what machines of several kinds answer to the questions of the inventory and the audit."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from OcciLibrary.probes import guest_audit as audit
from OcciLibrary.probes import guest_software as software
from OcciLibrary.probes import listening, virtualisation
from OcciLibrary.probes.guest_inventory import SYSTEM_QUESTIONS, Inventory, read_inventory
from OcciLibrary.probes.guest_questions import answers, command_line
from OcciLibrary.probes.guest_software import Library, Tool
from OcciLibrary.probes.listening import ANY, ONE, OWN, Listener

ALL_QUESTIONS: tuple[Mapping[str, str], ...] = (
    SYSTEM_QUESTIONS,
    software.TOOL_QUESTIONS,
    software.PACKAGE_QUESTIONS,
    listening.QUESTIONS,
    audit.ACCOUNT_QUESTIONS,
    audit.SUDO_QUESTIONS,
    audit.UPDATE_QUESTIONS,
    audit.DNF_QUESTIONS,
)


def printed(said: Mapping[str, str]) -> bytes:
    return "".join(f"occi:{name}\n{text}\n" for name, text in said.items()).encode()


def said(questions: Mapping[str, str], told: Mapping[str, str]) -> dict[str, list[str]]:
    return answers(printed(told), questions)


def inventory(
    system: Mapping[str, str] | None = None,
    tools: Mapping[str, str] | None = None,
    packages: Mapping[str, str] | None = None,
) -> Inventory:
    return read_inventory(printed(system or {}), printed(tools or {}), printed(packages or {}))


ROCKY = {
    "kernel": "Linux", "release": "5.14.0-427.el9.x86_64", "machine": "x86_64", "bits": "64",
    "elf": " 127  69  76  70   2   1   1   0   0   0   0   0   0   0   0   0   3   0  62   0",
    "os": 'NAME="Rocky Linux"\nVERSION="9.4 (Blue Onyx)"\nID="rocky"\nVERSION_ID="9.4"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"',
    "model": "model name\t: Intel Xeon Processor (Skylake)", "glibc": "glibc 2.34", "detect": "kvm",
}  # fmt: skip
ALPINE = {
    "kernel": "Linux", "release": "6.6.31-0-virt", "machine": "aarch64",
    "os": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME="Alpine Linux v3.20"',
    "musl": "/lib/ld-musl-aarch64.so.1", "ldd": "musl libc (aarch64)\nVersion 1.2.5\nDynamic Program Loader",
}  # fmt: skip


def test_inventory_of_a_rocky_machine() -> None:
    found = inventory(
        ROCKY,
        {"gcc": "/usr/bin/gcc\ngcc (GCC) 11.4.1 20231218 (Red Hat 11.4.1-3)\nCopyright\nit.works"},
        {"rpm": "openblas-0.3.21 x\nopenblas 0.3.21-2.el9\nhdf5 1.12.1-7.el9\nbash 5.1.8-9.el9"},
    )
    assert (found.machine, found.kernel_bits, found.userland_bits) == ("x86_64", 64, 64)
    assert (found.system, found.system_version, found.system_name) == (
        "rocky",
        "9.4",
        "Rocky Linux 9.4 (Blue Onyx)",
    )
    assert (found.kernel, found.c_library, found.c_library_version) == ("Linux", "glibc", "2.34")
    assert found.processor == "Intel Xeon Processor (Skylake)"
    assert found.virtualisation.kind == "kvm"
    assert (found.packages.manager, found.packages.installed) == ("rpm", 4)
    assert Library("hdf5", "hdf5", "1.12.1-7.el9") in found.packages.libraries


def test_inventory_of_an_alpine_machine() -> None:
    found = inventory(
        ALPINE, packages={"apk": "musl-1.2.5-r0\nopenblas-0.3.27-r0\nzlib-1.3.1-r1\npy3-numpy-1.26.4-r0"}
    )
    assert (found.machine, found.kernel_bits, found.userland_bits) == ("aarch64", 64, None)
    assert (found.c_library, found.c_library_version) == ("musl", "1.2.5")
    assert found.packages.libraries == (
        Library("blas", "openblas", "0.3.27-r0"),
        Library("numpy", "py3-numpy", "1.26.4-r0"),
        Library("zlib", "zlib", "1.3.1-r1"),
    )


def test_programs_of_32_bits_on_a_kernel_of_64() -> None:
    elf = " 127 69 76 70 1 1 1 0 0 0 0 0 0 0 0 0 3 0 3 0"
    found = inventory({"machine": "x86_64", "bits": "64", "elf": elf})
    assert (found.kernel_bits, found.userland_bits) == (64, 32)
    assert inventory({"machine": "i686", "bits": "32"}).kernel_bits == 32


def test_machine_that_tells_nothing() -> None:
    assert not inventory().anything
    assert inventory({"machine": "x86_64"}).anything


@pytest.mark.parametrize(
    ("name", "told", "version"),
    [
        ("gcc", "gcc (Debian 12.2.0-14) 12.2.0", "12.2.0"),
        ("gfortran", "GNU Fortran (Ubuntu 13.2.0-23ubuntu4) 13.2.0", "13.2.0"),
        ("clang", "Debian clang version 14.0.6", "14.0.6"),
        ("java", 'openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', "17.0.15"),
        ("perl", "\nThis is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64-linux-gnu", "5.36.0"),
        ("python3", "Python 3.11.2", "3.11.2"),
        ("python", "Python 2.7.18", "2.7.18"),
        ("busybox", "BusyBox v1.35.0 (Debian 1:1.35.0-4) multi-call binary.", "1.35.0"),
        ("go", "go version go1.22.2 linux/amd64", "1.22.2"),
        ("R", "R version 4.2.2 Patched (2022-11-10 r83330) -- Innocent and Trusting", "4.2.2"),
        ("node", "v18.19.0", "18.19.0"),
        ("lua", "Lua 5.4.4  Copyright (C) 1994-2022 Lua.org, PUC-Rio", "5.4.4"),
        ("bash", "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)", "5.2.15"),
        ("rustc", "rustc 1.77.0 (aedd173a2 2024-03-17)", "1.77.0"),
        ("make", "something else", ""),
    ],
)
def test_version_of_a_tool(name: str, told: str, version: str) -> None:
    found = software.tools(said(software.TOOL_QUESTIONS, {name: f"/usr/bin/{name}\n{told}\nit.works"}))
    assert found == (Tool(name, version),)


def test_tool_that_is_only_a_stub_is_left_out() -> None:
    told = {"python2": "/opt/shims/python2\nshims: python2: command not found"}
    assert software.tools(said(software.TOOL_QUESTIONS, told)) == ()


def test_packages_of_debian_are_those_that_are_installed() -> None:
    told = {
        "dpkg": "ii  libfftw3-double3 3.3.10-1\nrc  libopenmpi3 4.1.4-3\nhi  liblapack3 3.11.0-2\nii  hello 2.10-3"
    }
    found = software.packages(said(software.PACKAGE_QUESTIONS, told))
    assert found.installed == 3
    assert [one.package for one in found.libraries] == ["libfftw3-double3", "liblapack3"]


@pytest.mark.parametrize(
    ("told", "kind", "container"),
    [
        ({"detect": "kvm", "vendor": "QEMU"}, "kvm", ""),
        ({"detect": "qemu"}, "qemu", ""),
        ({"detect": "xen", "hypervisor": "xen"}, "xen", ""),
        ({"detect": "microsoft"}, "hyper-v", ""),
        ({"detect": "none"}, "none", ""),
        ({"detect": "none", "container": "lxc"}, "none", "lxc"),
        ({"lscpu": "Hypervisor vendor:     Xen"}, "xen", ""),
        ({"hypervisor": "xen"}, "xen", ""),
        ({"clocks": "kvm-clock tsc acpi_pm", "vendor": "QEMU"}, "kvm", ""),
        ({"vendor": "QEMU", "product": "Standard PC (Q35 + ICH9, 2009)", "flags": "flags : fpu hypervisor"}, "qemu", ""),
        ({"vendor": "VMware, Inc.", "product": "VMware Virtual Platform"}, "vmware", ""),
        ({"vendor": "Microsoft Corporation", "product": "Virtual Machine"}, "hyper-v", ""),
        ({"vendor": "Microsoft Corporation", "product": "Surface Laptop", "flags": "flags : fpu vme"}, "none", ""),
        ({"vendor": "OpenStack Foundation", "product": "OpenStack Nova"}, "other", ""),
        ({"flags": "flags : fpu hypervisor"}, "other", ""),
        ({"flags": "flags : fpu vme"}, "none", ""),
        ({"files": "/.dockerenv"}, "unknown", "docker"),
        ({}, "unknown", ""),
        ({"detect": "System has not been booted with systemd"}, "unknown", ""),
    ],
)  # fmt: skip
def test_virtualisation(told: dict[str, str], kind: str, container: str) -> None:
    found = virtualisation.virtualisation(said(virtualisation.QUESTIONS, told))
    assert (found.kind, found.container) == (kind, container), found.signs


KERNEL_TCP = """\
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   2: 0501A8C0:1E61 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   3: 0501A8C0:0016 0201A8C0:D1B2 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0"""
KERNEL_TCP6 = """\
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0
   1: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0
   2: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0"""


def test_what_listens_by_the_tables_of_the_kernel() -> None:
    told = {
        "tables": "/proc/net/tcp",
        "tcp": KERNEL_TCP,
        "tcp6": KERNEL_TCP6,
        "udp": "  1: 00000000:0044 00000000:0000 07 0:0",
    }
    assert listening.listeners(said(listening.QUESTIONS, told)) == (
        Listener("tcp", 22, ANY, "ssh"),
        Listener("tcp", 631, OWN, "printing"),
        Listener("tcp", 3306, OWN, "mysql"),
        Listener("tcp", 7777, ONE),
        Listener("tcp", 8080, OWN, "http"),
        Listener("udp", 68, ANY, "dhcp client"),
    )


@pytest.mark.parametrize(
    ("tool", "told"),
    [
        ("ss", ("Netid State Recv-Q Send-Q Local Address:Port Peer\ntcp   LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\n"
               "udp   UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*\ntcp LISTEN 0 128 [::]:22 [::]:*")),
        ("netstat", ("Active Internet connections (only servers)\ntcp        0      0 0.0.0.0:22     0.0.0.0:*       LISTEN\n"
                    "udp        0      0 127.0.0.53:53     0.0.0.0:*")),
    ],
)  # fmt: skip
def test_what_listens_by_ss_or_netstat(tool: str, told: str) -> None:
    found = listening.listeners(said(listening.QUESTIONS, {tool: told}))
    assert found == (Listener("tcp", 22, ANY, "ssh"), Listener("udp", 53, OWN, "dns"))


def test_nothing_listens_is_another_thing_than_nothing_told() -> None:
    assert listening.listeners(said(listening.QUESTIONS, {"tables": "/proc/net/tcp"})) == ()
    assert listening.listeners(said(listening.QUESTIONS, {})) is None


def test_who_may_log_in() -> None:
    told = {
        "self": "uid=1000(debian) gid=1000(debian) groups=1000(debian),27(sudo)",
        "passwd": "root:x:0:0:root:/root:/bin/bash\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n"
        "debian:x:1000:1000::/home/debian:/bin/bash\nnobody:x:65534:65534::/:/bin/false\nbroken line",
        "keys": "/home/debian/.ssh/authorized_keys:2\n/dev/null:0",
        "sshd": "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n#PasswordAuthentication yes\n"
        "PasswordAuthentication no\npermitrootlogin yes\nMatch User git\n PasswordAuthentication yes",
    }
    found = audit.read_logins(said(audit.ACCOUNT_QUESTIONS, told))
    assert found is not None
    assert [(one.name, one.uid, one.keys) for one in found.accounts] == [
        ("root", 0, None),
        ("debian", 1000, 2),
    ]
    assert found.settings == (
        ("permitrootlogin", "no"),
        ("passwordauthentication", "no"),
        ("match", "User git"),
    )
    assert audit.read_logins(said(audit.ACCOUNT_QUESTIONS, {})) is None


def test_what_the_user_may_do_as_root() -> None:
    told = {"self": "uid=1000(debian) gid=1000(debian) groups=1000(debian),27(sudo),999(docker)",
            "sudo": "/usr/bin/sudo\nUser debian may run the following commands:\n    (ALL) NOPASSWD: ALL"}  # fmt: skip
    found = audit.read_rights(said(audit.SUDO_QUESTIONS, told))
    assert found is not None
    assert (found.groups, found.has_sudo) == (("sudo", "docker"), True)
    assert found.sudo[-1] == "(ALL) NOPASSWD: ALL"
    nothing = audit.read_rights(
        said(audit.SUDO_QUESTIONS, {"self": "uid=1000(a) gid=1000(a) groups=1000(a)"})
    )
    assert nothing is not None
    assert (nothing.groups, nothing.has_sudo) == ((), False)


NO_DNF = said(audit.DNF_QUESTIONS, {})


def test_pending_updates_of_apt() -> None:
    told = {"now": "1700864000", "apt_lists": "1700000000", "apt_fetched": "lock\ndeb.debian.org_debian_dists_bookworm_InRelease",
            "apt": "/usr/bin/apt\nListing...\nopenssl/stable-security 3.0.15-1~deb12u1 amd64 [upgradable from: 3.0.11]\n"
                   "nano/stable 7.2-1 amd64 [upgradable from: 7.1]"}  # fmt: skip
    found = audit.read_updates(said(audit.UPDATE_QUESTIONS, told), NO_DNF)
    assert found is not None
    assert (found.manager, found.age) == ("apt", 10.0)
    assert [(one.package, one.security) for one in found.pending] == [("openssl", True), ("nano", False)]
    assert (
        audit.read_updates(said(audit.UPDATE_QUESTIONS, {**told, "apt_fetched": "lock\npartial"}), NO_DNF)
        is None
    )


def test_pending_updates_of_apk_and_dnf() -> None:
    told = {
        "apk": "/sbin/apk\nbusybox-1.36.1-r29 x86_64 {busybox} (GPL-2.0-only) [upgradable from: busybox-1.36.1-r28]"
    }
    told["apk_fetched"] = "APKINDEX.66b70f81.tar.gz"
    found = audit.read_updates(said(audit.UPDATE_QUESTIONS, told), NO_DNF)
    assert found is not None
    assert found.pending == (audit.Update("busybox", "1.36.1-r29", None),)
    dnf = {"dnf": "/usr/bin/dnf\nRLSA-2024:1 Important/Sec. openssl-libs-1:3.0.7-27.el9_4.x86_64\n"
                  "FEDORA-2024-1a2b security Important glibc-2.39-8.fc40.x86_64 2024-05-01 00:00:00\nit.works"}  # fmt: skip
    found = audit.read_updates(said(audit.UPDATE_QUESTIONS, {}), said(audit.DNF_QUESTIONS, dnf))
    assert found is not None
    assert [(one.package, one.version) for one in found.pending] == [
        ("openssl-libs", "1:3.0.7-27.el9_4"),
        ("glibc", "2.39-8.fc40"),
    ]
    assert audit.read_updates(said(audit.UPDATE_QUESTIONS, {}), NO_DNF) is None


@given(some.binary(max_size=400), some.text(max_size=400))
def test_no_answer_makes_the_reader_fail(noise: bytes, text: str) -> None:
    for questions in ALL_QUESTIONS:
        output = noise + printed(dict.fromkeys(questions, text))
        told = answers(output, questions)
        read_inventory(output, output, output)
        listening.listeners({**said(listening.QUESTIONS, {}), **told})
        audit.read_logins({**said(audit.ACCOUNT_QUESTIONS, {}), **told})
        audit.read_rights({**said(audit.SUDO_QUESTIONS, {}), **told})
        audit.read_updates({**said(audit.UPDATE_QUESTIONS, {}), **told}, {**NO_DNF, **told})


def test_command_lines_are_quoted_for_any_login_shell_and_short_enough_for_small_ssh_servers() -> None:
    for questions in ALL_QUESTIONS:
        line = command_line(questions)
        assert line.startswith("sh -c '")
        assert line.endswith("'")
        assert not set("'!\n") & set(line[7:-1])
        assert len(line) < 8000


def test_this_computer_answers_every_command_line() -> None:
    def asked(questions: Mapping[str, str]) -> bytes:
        done = subprocess.run(
            ["/bin/sh", "-c", command_line(questions)], capture_output=True, timeout=60, check=False
        )
        assert b"yntax error" not in done.stderr, done.stderr
        return done.stdout

    found = read_inventory(asked(SYSTEM_QUESTIONS), b"", asked(software.PACKAGE_QUESTIONS))
    assert found.anything
    assert found.userland_bits in (32, 64)
    assert found.kernel
    assert listening.listeners(answers(asked(listening.QUESTIONS), listening.QUESTIONS)) is not None
    logins = audit.read_logins(answers(asked(audit.ACCOUNT_QUESTIONS), audit.ACCOUNT_QUESTIONS))
    assert logins is not None
    assert "root" in [one.name for one in logins.accounts]
    assert audit.read_rights(answers(asked(audit.SUDO_QUESTIONS), audit.SUDO_QUESTIONS)) is not None


def test_dnf_leaves_nothing_behind(tmp_path: Path) -> None:
    """A dnf that writes where dnf does as an ordinary user: into its home and into /var/tmp."""
    stand_in = tmp_path / "dnf"
    stand_in.write_text(
        '#!/bin/sh\nmkdir /var/tmp/dnf-tester-$$ "$HOME/cache" && echo "A-1 Sec. bash-5.1-2.el9.x86_64"\n',
        "utf-8",
    )
    stand_in.chmod(0o755)
    before = set(Path("/var/tmp").iterdir())
    done = subprocess.run(
        ["/bin/sh", "-c", command_line(audit.DNF_QUESTIONS)],
        capture_output=True, timeout=20, check=False,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    told = answers(done.stdout, audit.DNF_QUESTIONS)
    found = audit.read_updates(said(audit.UPDATE_QUESTIONS, {}), told)
    assert found is not None, done
    assert found.pending == (audit.Update("bash", "5.1-2.el9", True),)
    assert set(Path("/var/tmp").iterdir()) == before
    assert [file.name for file in tmp_path.iterdir()] == ["dnf"]
