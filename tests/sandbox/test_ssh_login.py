"""The VM's SSH login, asked by asyncssh, by paramiko, and by SSHLibrary as the suites use it."""

from __future__ import annotations

import logging
import socket

import asyncssh
import paramiko
import pytest
from SSHLibrary import SSHLibrary

from OcciLibrary.sandbox.site import SandboxSite
from OcciLibrary.sandbox.virtual_machine import VirtualMachine

from .conftest import output_on, reach, run_on

logging.getLogger("paramiko").setLevel(logging.CRITICAL)


@pytest.fixture
def library(active_vm: VirtualMachine) -> SSHLibrary:
    opened = SSHLibrary(timeout="5 seconds", prompt="$ ")
    opened.open_connection("127.0.0.1", port=active_vm.ssh_port.number)
    yield opened
    opened.close_all_connections()


def test_commands_with_output_errors_and_status(active_vm: VirtualMachine) -> None:
    good, bad = run_on(active_vm, "nproc; hostname", "echo a; nothing")
    assert (good.stdout, good.stderr, good.exit_status) == ("2\nvm-2\n", "", 0)
    assert (bad.stdout, bad.stderr, bad.exit_status) == ("a\n", "sh: nothing: not found\n", 127)


def test_wrong_password_or_name_is_refused(active_vm: VirtualMachine) -> None:
    with pytest.raises(asyncssh.PermissionDenied):
        run_on(active_vm, "true", password="wrong")
    with paramiko.SSHClient() as other:
        other.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        with pytest.raises(paramiko.AuthenticationException):
            other.connect(
                "127.0.0.1",
                active_vm.ssh_port.number,
                "root",
                "sandbox",
                look_for_keys=False,
                allow_agent=False,
            )


def test_host_key_is_as_described_and_stays_over_boots(site: SandboxSite, active_vm: VirtualMachine) -> None:
    described = site.description()["machines"][1]
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", active_vm.ssh_port.number), 5) as connection:
            transport = paramiko.Transport(connection)
            transport.start_client(timeout=5)
            key = transport.get_remote_server_key()
            transport.close()
        assert described["ssh_host_key"] == f"{key.get_name()} {key.get_base64()}"
        reach(active_vm, "inactive")
        reach(active_vm, "active")


def test_exec_through_sshlibrary(library: SSHLibrary) -> None:
    assert library.login("tester", "sandbox").endswith("tester@vm-2:~$ ")
    assert library.execute_command("nproc") == "2"
    assert library.execute_command("echo x; false", return_rc=True) == ["x", 1]


def test_interactive_shell_through_sshlibrary(library: SSHLibrary) -> None:
    library.login("tester", "sandbox")
    library.write("cd /tmp")
    assert library.read_until_prompt() == "tester@vm-2:/tmp$ "
    library.write("hostname")
    assert library.read_until_prompt().splitlines() == ["vm-2", "tester@vm-2:/tmp$ "]
    library.write("nothing")
    assert "sh: nothing: not found" in library.read_until_prompt()
    library.write_bare("hostnamX\x7fe -f\n")
    assert library.read_until_prompt().splitlines()[-2:] == ["vm-2", "tester@vm-2:/tmp$ "]
    library.write_bare("half a line\x03")
    assert "^C" in library.read_until_prompt()
    library.write("echo whole")
    assert library.read_until_prompt().splitlines()[0] == "whole"
    assert library.write("exit").strip() == "exit"


def test_wrong_password_through_sshlibrary(library: SSHLibrary) -> None:
    with pytest.raises(RuntimeError, match="Authentication failed for user 'tester'"):
        library.login("tester", "wrong")


def test_sessions_share_files_but_not_the_directory(active_vm: VirtualMachine) -> None:
    assert output_on(active_vm, "cd /tmp; echo shared > x", "pwd", "cat /tmp/x") == [
        "",
        "/home/tester\n",
        "shared\n",
    ]


def test_connections_are_bounded_and_come_free_again(active_vm: VirtualMachine) -> None:
    idle = [socket.create_connection(("127.0.0.1", active_vm.ssh_port.number), 5) for _ in range(70)]
    greeted = 0
    for connection in idle:
        try:
            greeted += connection.recv(100).startswith(b"SSH-2.0-")
        except ConnectionResetError:
            continue
    for connection in idle:
        connection.close()
    assert greeted <= 64
    assert output_on(active_vm, "hostname") == ["vm-2\n"]


def test_no_way_through_to_the_host(active_vm: VirtualMachine) -> None:
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        port = active_vm.ssh_port.number
        client.connect("127.0.0.1", port, "tester", "sandbox", look_for_keys=False, allow_agent=False)
        transport = client.get_transport()
        assert transport
        with pytest.raises(paramiko.ChannelException):
            transport.open_channel("direct-tcpip", ("127.0.0.1", port), ("127.0.0.1", 1), timeout=5)
        with pytest.raises((paramiko.SSHException, EOFError)):
            client.open_sftp()
