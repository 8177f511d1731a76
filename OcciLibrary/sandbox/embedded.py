"""The sandbox inside a test run: a process of its own that ends with the run."""

from __future__ import annotations

import os
import sys
from typing import Any

from OcciLibrary.sandbox.engine import EngineError
from OcciLibrary.sandbox.options import SandboxOptions, parse_options
from OcciLibrary.sandbox.processes import ChildError, ChildProcess

__all__ = ["EmbeddedSandbox", "SandboxError", "SandboxOptions", "parse_options"]

START_SECONDS = 15.0
ENGINE_SECONDS = 120.0
"""What real machines may take longer: one is tried with KVM, one boots on a busy host."""


class SandboxError(RuntimeError):
    """An embedded site that did not start; the text holds what its process said last."""


class EmbeddedSandbox:
    """One embedded site. Ctrl-C in the terminal does not reach it, and it ends when this process ends."""

    def __init__(self) -> None:
        self._process: ChildProcess | None = None

    @property
    def alive(self) -> bool:
        """Whether the site runs."""
        return self._process is not None and self._process.alive

    def start(self, options: SandboxOptions) -> dict[str, Any]:
        """Starts the site and returns its description: ``endpoint`` and ``machines``, the reference VM first.

        Raises SandboxError when it does not answer within 15 s (and the time that the reference VM needs to start), and within 2 minutes
        more where its machines are real.
        """
        self.stop()
        if options.engine != "light":
            _prepare_image(options.engine)
        self._process = ChildProcess("OcciLibrary.sandbox", _arguments(options), _environment(options))
        patience = START_SECONDS + (options.seconds if options.reference_state == "active" else 0.0)
        patience += 0.0 if options.engine == "light" else ENGINE_SECONDS
        try:
            return self._process.answer(patience)
        except ChildError as error:
            words = self._process.last_words()
            self.stop()
            raise SandboxError(words or str(error)) from None

    def stop(self) -> None:
        """Ends the site and its VMs; does nothing when it does not run."""
        if self._process:
            self._process.end(patience=10.0)
        self._process = None


def _prepare_image(engine: str) -> None:
    """Has the real machines' image built ahead, so that a terminal shows how it goes on. Raises SandboxError."""
    from OcciLibrary.sandbox.real_engine import ready_image  # noqa: PLC0415 - most sandboxes have light machines

    terminal = sys.__stderr__ if sys.__stderr__ is not None and sys.__stderr__.isatty() else None
    try:
        ready_image(engine, terminal)
    except EngineError as problem:
        raise SandboxError(str(problem)) from None


def _arguments(options: SandboxOptions) -> list[str]:
    arguments = [
        "--announce",
        "--follow-stdin",
        "--port",
        str(options.port),
        "--seconds",
        str(options.seconds),
    ]
    arguments += ["--machines", str(options.machines), "--reference-state", options.reference_state]
    arguments += ["--engine", options.engine, "--acceleration", options.acceleration]
    if options.username:
        arguments += ["--username", options.username]
    if options.fault:
        arguments += ["--fault", options.fault]
    if options.dialect:
        arguments += ["--dialect", options.dialect]
    if options.may_create:
        arguments += ["--may-create", "yes"]
    if options.journal is not None:
        arguments += ["--journal", os.path.abspath(options.journal)]
    return arguments


def _environment(options: SandboxOptions) -> dict[str, str]:
    """Returns the passwords: they never stand in a command line, which everybody on the host can read.

    Those not chosen come from this process's own environment.
    """
    usual = SandboxOptions()
    chosen = {
        "SANDBOX_PASSWORD": options.password if options.password != usual.password else "",
        "SANDBOX_SSH_PASSWORD": options.ssh_password if options.ssh_password != usual.ssh_password else "",
    }
    return {name: password for name, password in chosen.items() if password}
