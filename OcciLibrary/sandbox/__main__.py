"""Runs a sandbox site by itself: ``python -m OcciLibrary.sandbox``."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from OcciLibrary.sandbox.engine import EngineError
from OcciLibrary.sandbox.faults import FAULTS
from OcciLibrary.sandbox.options import READERS, SandboxOptions, contradiction
from OcciLibrary.sandbox.processes import standard_input_lines
from OcciLibrary.sandbox.site import SandboxSite

_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


def _reader(option: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return READERS[option](text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(f"{problem}, not {text!r}") from None

    return read


def _command_line() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m OcciLibrary.sandbox",
        description="Serves an OCCI site on 127.0.0.1 whose VMs have a real echo service and a real SSH login.",
        epilog="Passwords come from the environment: SANDBOX_PASSWORD for --username, SANDBOX_SSH_PASSWORD (default: "
        "sandbox) for the SSH login of the VMs.",
    )
    usual = SandboxOptions()
    parser.add_argument(
        "--port", type=_reader("port"), default=usual.port, help="port of the server (default: one is picked)"
    )
    parser.add_argument(
        "--seconds", type=_reader("seconds"), default=usual.seconds, help="time a transition takes (1.0)"
    )
    parser.add_argument(
        "--machines",
        type=_reader("machines"),
        default=usual.machines,
        help="number of VMs (3); or light, qemu or libvirt, which is short for --engine",
    )
    parser.add_argument(
        "--engine",
        type=_reader("engine"),
        help="what the VMs are: light processes (the default), or real machines under QEMU or libvirt",
    )
    parser.add_argument(
        "--acceleration",
        type=_reader("acceleration"),
        default=usual.acceleration,
        help="how QEMU runs: tcg (the default, works everywhere), kvm, or auto (kvm where a machine boots with it)",
    )
    parser.add_argument(
        "--reference-state",
        type=_reader("reference-state"),
        default=usual.reference_state,
        help="state of the first VM: inactive (default) or active",
    )
    parser.add_argument("--username", type=_reader("username"), help="ask for this name and SANDBOX_PASSWORD")
    parser.add_argument(
        "--journal", type=_reader("journal"), help="file to append every transition to, as JSON lines"
    )
    parser.add_argument(
        "--fault",
        type=_reader("fault"),
        default="",
        metavar="NAME[+NAME...]",
        help="break a promise of OCCI or of the wiki; --list-faults names them all",
    )
    parser.add_argument("--list-faults", action="store_true", help="list the faults, and end")
    parser.add_argument(
        "--dialect",
        type=_reader("dialect"),
        default="",
        metavar="NAME",
        help="answer as a known OCCI server would; --list-dialects names them all",
    )
    parser.add_argument(
        "--may-create",
        type=_reader("may-create"),
        default=usual.may_create,
        metavar="yes|no",
        help="let users make VMs of their own, save images, and delete both (default: no)",
    )
    parser.add_argument("--list-dialects", action="store_true", help="list the dialects, and end")
    parser.add_argument(
        "--announce", action="store_true", help="print one JSON line instead of the words for a person"
    )
    parser.add_argument("--follow-stdin", action="store_true", help="end when standard input ends")
    return parser


def _words(description: dict[str, Any], username: str) -> str:
    lines = [f"Sandbox site: {description['endpoint']}"]
    lines += [f"  VM {vm['id']}  {vm['state']}" for vm in description["machines"]]
    reference = description["machines"][0]
    values = {
        "OCCI_ENDPOINT": description["endpoint"],
        **({"OCCI_AUTH": "basic", "OCCI_USERNAME": username} if username else {}),
        "VM_ID": reference["id"],
        "ECHO_HOST": reference["echo_host"],
        "ECHO_PORT": reference["echo_port"],
        "SSH_HOST": reference["ssh_host"],
        "SSH_PORT": reference["ssh_port"],
        "SSH_USERNAME": reference["ssh_username"],
    }
    lines += ["", "For a site file:", ""]
    lines += [f"${{{name}}}".ljust(20) + str(value) for name, value in values.items()]
    lines += ["", "In the terminal of the tests, as environment variables:", ""]
    lines += ["OCCI_PASSWORD".ljust(20) + "what SANDBOX_PASSWORD is here"] if username else []
    lines += ["SSH_PASSWORD".ljust(20) + "what SANDBOX_SSH_PASSWORD is here (default: sandbox)"]
    return "\n".join([*lines, "", "Ctrl-C ends it."])


def _list_faults() -> int:
    widest = max(len(fault.name) for fault in FAULTS)
    with contextlib.suppress(BrokenPipeError):
        for fault in FAULTS:
            sys.stdout.write(f"{fault.name:<{widest}}  {fault.aimed_at:<8}  {fault.breaks}\n")
        sys.stdout.flush()
    return 0


def _list_dialects() -> int:
    from OcciLibrary.sandbox.dialects.catalogue import DIALECTS  # noqa: PLC0415 - most sandboxes have no dialect

    widest = max(map(len, DIALECTS))
    with contextlib.suppress(BrokenPipeError):
        for name, dialect in DIALECTS.items():
            sys.stdout.write(f"{name:<{widest}}  {dialect.likeness}\n")
        sys.stdout.flush()
    return 0


def _fail(sentence: str, status: int) -> int:
    sys.stderr.write(sentence + "\n")
    return status


def _options(arguments: argparse.Namespace) -> SandboxOptions:
    usual = SandboxOptions()
    only_kind = isinstance(arguments.machines, str)
    return SandboxOptions(
        port=arguments.port,
        seconds=arguments.seconds,
        machines=usual.machines if only_kind else arguments.machines,
        engine=arguments.engine or (arguments.machines if only_kind else usual.engine),
        acceleration=arguments.acceleration,
        reference_state=arguments.reference_state,
        username=arguments.username or "",
        journal=arguments.journal,
        fault=arguments.fault,
        dialect=arguments.dialect,
        may_create=arguments.may_create,
        password=os.environ.get("SANDBOX_PASSWORD", ""),
        ssh_password=os.environ.get("SANDBOX_SSH_PASSWORD") or usual.ssh_password,
    )


def main() -> int:
    """Runs the command line; the result is the exit status: 0, 1 (cannot serve), 2 (cannot be asked like this)."""
    arguments = _command_line().parse_args()
    if arguments.list_faults:
        return _list_faults()
    if arguments.list_dialects:
        return _list_dialects()
    options = _options(arguments)
    if problem := _problem(options):
        return _fail(problem, 2)
    stop = threading.Event()
    for name in _SIGNALS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    site = SandboxSite(options)
    try:
        site.start()
    except EngineError as problem:
        return _fail(str(problem), 1)
    except OSError as error:
        return _fail(f"The sandbox cannot start: {_reason(error, options)}", 1)
    try:
        _serve(site, arguments, stop)
    finally:
        site.stop()
    return 0


def _problem(options: SandboxOptions) -> str:
    if options.username and not options.password:
        return "--username needs its password in the environment variable SANDBOX_PASSWORD."
    return contradiction(options)


def _reason(error: OSError, options: SandboxOptions) -> str:
    if options.journal is not None and error.filename is not None:
        return f"its journal {options.journal} cannot be written ({error.strerror})."
    return f"port {options.port} of 127.0.0.1 cannot be used. Is it taken by another program? ({error.strerror or error})"


def _serve(site: SandboxSite, arguments: argparse.Namespace, stop: threading.Event) -> None:
    if not arguments.announce:
        _await_first_starts(site, stop)  # a person is to read states that hold
    description = site.description()
    text = json.dumps(description) if arguments.announce else _words(description, arguments.username or "")
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    if arguments.follow_stdin:
        threading.Thread(target=_follow_standard_input, args=(stop,), daemon=True).start()
    while not stop.wait(1.0):  # on Windows a wait without limit cannot be interrupted
        pass


def _await_first_starts(site: SandboxSite, stop: threading.Event) -> None:
    for machine in site.machines:
        while not stop.is_set() and not machine.wait_until_settled(0.2):
            pass


def _follow_standard_input(stop: threading.Event) -> None:
    for _ in standard_input_lines():
        pass
    stop.set()


if __name__ == "__main__":
    sys.exit(main())
