"""Keywords that install software in the VM under the user's own account, and see whether it outlives what is done to the VM."""

from __future__ import annotations

import base64
import gzip
import io
import random
import re
import shlex
import tarfile
import zipfile
from enum import Enum
from pathlib import Path

from robot.api import SkipExecution, logger
from robot.api.deco import keyword

from OcciLibrary.keywords.action_keywords import ActionKeywords, ActionMethod, ComputeAction
from OcciLibrary.keywords.site_run import StepFailed
from OcciLibrary.keywords.state_keywords import StateKeywords
from OcciLibrary.keywords.state_words import ComputeState
from OcciLibrary.keywords.vm_commands import VmCommands, said

_COMPILERS = ("cc", "gcc", "clang", "tcc")
_COMPILE_SECONDS = 120.0
_PACKAGE_SECONDS = 180.0
_LARGEST_PACKAGE = 5000  # bytes in base64: small ssh servers take commands of 9000
_NO_NETWORK = re.compile(
    r"could not resolve|temporary failure|unable to connect|could not connect|failed to fetch|timed? ?out|unreachable"
    r"|cannot download|curl error|no route|connection (refused|reset)",
    re.IGNORECASE,
)
_PACKAGE = "hello"
# How a user without root gets at a package's files: into a folder of the user's own. Each prints its complaints.
_MANAGERS = {
    "apt-get": f"apt-get download {_PACKAGE} 2>&1 && dpkg -x {_PACKAGE}*.deb . 2>&1",
    "dnf": f"dnf -q download {_PACKAGE} 2>&1 && rpm2cpio {_PACKAGE}*.rpm | cpio -idm 2>&1",
    "apk": f"apk fetch {_PACKAGE} 2>&1 && tar -xzf {_PACKAGE}*.apk 2>&1",
}


class WayThrough(str, Enum):
    """Names what a VM is brought through, and comes back from as active."""

    restart = "restart"
    suspend = "suspend"
    stop = "stop"


class SoftwareKeywords:
    """Installs, runs and removes software in the tester's VM."""

    def __init__(self, states: StateKeywords, actions: ActionKeywords, commands: VmCommands) -> None:
        self._states = states
        self._actions = actions
        self._commands = commands
        self._programs: dict[str, str] = {}

    @keyword("Install A Program In The VM", tags=["software"])
    def install_a_program_in_the_vm(self, folder: str) -> None:
        """Brings the VM up and puts a small program of shell scripts into the user's home, without root and network.

        Args:
            folder: a folder with `bin/` and `lib/`; its one program in `bin/` adds up the numbers that it is given.

        Raises:
            SkipExecution: without an ssh login, on a machine that only plays a computer, or without tar and base64 in it.
            StepFailed: says how the VM refused it.

        Example:
        | Install A Program In The VM    ${CURDIR}/software/adder
        """
        commands = self._commands
        commands.ready()
        commands.skip_where_it_only_plays()
        self._programs.clear()
        self._need("tar", "gzip", "base64")  # first, for without a place the later tests are skipped, too
        place = commands.begin_place()
        package = base64.b64encode(_packed(Path(folder))).decode()
        if len(package) > _LARGEST_PACKAGE:
            raise StepFailed(
                f"{folder} is too large to be sent: {len(package)} characters of {_LARGEST_PACKAGE}."
            )
        self._succeed(
            f"mkdir {place} && cd {place} && echo {package} | base64 -d | gzip -d | tar -xf - 2>&1",
            "unpack a program in the user's home",
        )
        name = next(iter(sorted(path.name for path in Path(folder, "bin").iterdir())))
        self._installed(name, f"./{place}/bin/{name}")

    @keyword("Compile A Program In The VM", tags=["software"])
    def compile_a_program_in_the_vm(self, source: str) -> None:
        """Compiles a small C program in the user's home, where the VM has a C compiler.

        Args:
            source: a file of C, whose program adds up the numbers that it is given.

        Raises:
            SkipExecution: where there is no compiler, or it lacks the headers of the C library.
            StepFailed: says what the compiler said.

        Example:
        | Compile A Program In The VM    ${CURDIR}/software/adder.c
        """
        place = self._place()
        compiler = self._first_of(*_COMPILERS)
        if not compiler:
            raise SkipExecution(f"Not run: the VM has no C compiler ({', '.join(_COMPILERS)}).")
        text = base64.b64encode(Path(source).read_bytes()).decode()
        done = self._commands.run(
            f"cd {place} && echo {text} | base64 -d > adder.c && {compiler} -o bin/compiled adder.c 2>&1",
            _COMPILE_SECONDS,
        )
        if done.status != 0 and re.search(r"stdio\.h|stdlib\.h|crt1\.o|cannot find -lc", done.text):
            raise SkipExecution(
                f"Not run: the VM has {compiler}, but not the C library to compile with: {said(done)}"
            )
        if done.status != 0:
            raise StepFailed(
                f"Expected {compiler} to compile a program in the user's home, but: {said(done)}"
            )
        self._installed("the compiled program", f"./{place}/bin/compiled")

    @keyword("Install A Python Program In The VM", tags=["software"])
    def install_a_python_program_in_the_vm(self, source: str) -> None:
        """Puts a Python program into the user's home as one zip file, where the VM has Python 3.

        Args:
            source: a file of Python that adds up the numbers that it is given.

        Raises:
            SkipExecution: where there is no Python 3.

        Example:
        | Install A Python Program In The VM    ${CURDIR}/software/adder.py
        """
        place = self._place()
        if not self._first_of("python3"):
            raise SkipExecution("Not run: the VM has no python3.")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("__main__.py", Path(source).read_text("utf-8"))
        text = base64.b64encode(archive.getvalue()).decode()
        self._succeed(
            f"cd {place} && echo {text} | base64 -d > bin/adder.pyz", "write a file in the user's home"
        )
        self._installed("the Python program", f"python3 ./{place}/bin/adder.pyz")

    @keyword("Install A Package In The VM Without Root", tags=["software"])
    def install_a_package_in_the_vm_without_root(self) -> None:
        """Gets a small package (GNU hello) by the distribution's package manager and unpacks it in the user's home.

        Raises:
            SkipExecution: where there is no package manager that lets users do so, it has no such package, or the VM does not
                reach the distribution's servers.
            StepFailed: where the unpacked program does not run.

        Example:
        | Install A Package In The VM Without Root
        """
        place = self._place()
        manager = self._first_of(*_MANAGERS)
        if not manager:
            raise SkipExecution(
                f"Not run: the VM has no package manager that is known here ({', '.join(_MANAGERS)})."
            )
        done = self._commands.run(
            f"mkdir -p {place}/package && cd {place}/package && {_MANAGERS[manager]}", _PACKAGE_SECONDS
        )
        if done.status != 0:
            why = (
                "the VM does not reach its distribution's servers"
                if _NO_NETWORK.search(done.text)
                else "it does not come"
            )
            raise SkipExecution(
                f"Not run: {manager} was asked for the package {_PACKAGE} without root, but {why}: {said(done)}"
            )
        greeting = self._commands.run(f"{place}/package/usr/bin/{_PACKAGE} 2>&1")
        if "hello" not in greeting.text.lower():
            raise StepFailed(
                f"Expected the program of the package {_PACKAGE}, unpacked in the user's home, to greet, but: {said(greeting)}"
            )
        logger.info(f"{manager} got {_PACKAGE} without root, and it says: {said(greeting)}")

    @keyword("Bring The VM Through", tags=["software"])
    def bring_the_vm_through(self, way: WayThrough) -> None:
        """Restarts the VM, suspends and resumes it, or stops and starts it; skips the test where that does not work.

        What becomes of these actions is for the agreed test cases to judge.

        Args:
            way: restart (graceful), suspend (hibernate, then start) or stop (graceful, then start).

        Raises:
            SkipExecution: says what did not work.

        Example:
        | Bring The VM Through    restart
        """
        if not self._programs:
            raise SkipExecution("Not run: no software was installed.")
        self._commands.ready()
        if way is WayThrough.restart:
            self._restart()
        else:
            self._states.have_the_vm_in_state(
                ComputeState.suspended if way is WayThrough.suspend else ComputeState.inactive
            )
        self._states.have_the_vm_in_state(ComputeState.active)

    def _restart(self) -> None:
        """Restarts the VM; where the machine's boot id shows that it did not, the test is skipped too."""
        try:
            self._actions.invoke_action(ComputeAction.restart, ActionMethod.graceful)
            self._actions.vm_should_restart()
        except StepFailed as problem:
            raise SkipExecution(f"Not run: the VM does not restart. {problem}") from None

    @keyword("Software Should Run In The VM", tags=["software"])
    def software_should_run_in_the_vm(self) -> None:
        """Runs every program that was installed, with new numbers each time, and compares what it says.

        Raises:
            SkipExecution: where none was installed.
            StepFailed: names the program and what it said instead.

        Example:
        | Software Should Run In The VM
        """
        if not self._programs:
            raise SkipExecution("Not run: no software was installed.")
        for name, command in self._programs.items():
            self._run_one(name, command)

    @keyword("Remove The Software From The VM", tags=["software"])
    def remove_the_software_from_the_vm(self) -> None:
        """Removes all that was put into the VM, having brought it up where it is not; what is left is a failure.

        Raises:
            SkipExecution: where nothing was installed.
            StepFailed: says what is left.

        Example:
        | Remove The Software From The VM
        """
        self._place()
        self._programs.clear()
        if left := self._commands.clear_place():
            raise StepFailed(left)

    @keyword("Leave No Software In The VM", tags=["software"])
    def leave_no_software_in_the_vm(self) -> None:
        """Removes what was put into the VM and is still there, as the last thing of a suite; what is left is a warning.

        Example:
        | Leave No Software In The VM
        """
        self._programs.clear()
        if left := self._commands.clear_place():
            logger.warn(left)

    # ---- pieces

    def _place(self) -> str:
        if not self._commands.place:
            raise SkipExecution("Not run: no software was installed.")
        return self._commands.place

    def _first_of(self, *names: str) -> str:
        """Returns the first of some commands that the VM has, or ''."""
        found = self._found(names)
        return next((name for name in names if name in found), "")

    def _found(self, names: tuple[str, ...]) -> set[str]:
        paths = self._commands.run(f"for one in {' '.join(names)}; do command -v $one; done").text.split()
        return {path.rpartition("/")[2] for path in paths}

    def _need(self, *names: str) -> None:
        found = self._found(names)
        if lacking := [name for name in names if name not in found]:
            raise SkipExecution(f"Not run: the VM has no {lacking[0]}, by which software comes into it.")

    def _succeed(self, command: str, wish: str) -> None:
        done = self._commands.run(command)
        if done.status != 0:
            raise StepFailed(
                f"Expected to {wish}, but: {said(done)}. Ask the site's admin whether users can write there."
            )

    def _installed(self, name: str, command: str) -> None:
        self._run_one(name, command)
        self._programs[name] = command

    def _run_one(self, name: str, command: str) -> None:
        numbers = [random.randrange(1000) for _ in range(3)]
        done = self._commands.run(f"{command} {' '.join(map(str, numbers))} 2>&1")
        if done.last_line != str(sum(numbers)):
            raise StepFailed(
                f"Expected {name} in {shlex.quote('~/' + self._commands.place)} to add up {numbers}, but: {said(done)}. Ask the site's "
                "admin whether users can run programs of their own, and whether their home outlives what was done to the VM."
            )
        logger.info(f"{name} adds up {numbers}: {sum(numbers)}.")


def _packed(folder: Path) -> bytes:
    """Returns a folder as a compressed tar file without owners and times."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                item = tarfile.TarInfo(path.relative_to(folder).as_posix())
                item.size = path.stat().st_size
                item.mode = 0o755 if path.parent.name == "bin" else 0o644
                packed.addfile(item, io.BytesIO(path.read_bytes()))
    return gzip.compress(raw.getvalue(), mtime=0)
