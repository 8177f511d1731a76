"""The shell of a sandbox VM: answers the questions a tester asks a Linux machine, truthfully for this VM.

It knows the commands in ``COMMANDS`` and no other; it never starts a process and never touches the host's files.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence

from OcciLibrary.sandbox.command_line import Command, CommandLineError, expand, parse
from OcciLibrary.sandbox.machine_files import GIB, KERNEL, KERNEL_BUILD, FileError, Files
from OcciLibrary.sandbox.process_commands import begin_in_background, kill, ps
from OcciLibrary.sandbox.shell_call import MOST_OUTPUT, Call, Outcome, text

__all__ = ["COMMANDS", "MOST_OUTPUT", "Outcome", "Shell"]

DEEPEST = 5  # script within script


class Shell:
    """One session on the VM: a working directory and the last exit status; the files are shared by all sessions.

    ``depth`` counts the scripts that it is in.
    """

    def __init__(self, files: Files, depth: int = 0) -> None:
        self.files = files
        self.depth = depth
        self.directory = files.facts.home
        self.status = 0
        self.last_background = ""

    @property
    def prompt(self) -> str:
        """The prompt of an interactive session."""
        facts = self.files.facts
        home = facts.home
        inside = self.directory == home or self.directory.startswith(home + "/")
        shown = "~" + self.directory[len(home) :] if inside else self.directory
        return f"{facts.username}@{facts.hostname}:{shown}{'#' if facts.username == 'root' else '$'} "

    def path(self, name: str) -> str:
        """Returns the absolute path of a name, seen from the working directory."""
        if name == "~" or name.startswith("~/"):
            name = self.files.facts.home + name[1:]
        return posixpath.normpath(posixpath.join(self.directory, name)).replace("//", "/")

    def run(self, line: str) -> Outcome:
        """Runs a command line and returns everything it gave."""
        try:
            commands = parse(line)
        except CommandLineError as problem:
            self.status = 2
            return Outcome(errors=f"sh: {problem}\n".encode(), status=2)
        output, errors, piped, ended = b"", b"", b"", False
        for position, command in enumerate(commands):
            if self._is_skipped(command):
                continue
            outcome = self._run_one(command, piped)
            feeds_next = position + 1 < len(commands) and commands[position + 1].joined_by == "|"
            piped = outcome.output if feeds_next else b""
            output = (output + (b"" if feeds_next else outcome.output))[:MOST_OUTPUT]
            errors = (errors + outcome.errors)[:MOST_OUTPUT]
            self.status = outcome.status
            ended = outcome.ended
            if ended:
                break
        return Outcome(output, errors, self.status, ended)

    def _is_skipped(self, command: Command) -> bool:
        if command.joined_by == "&&":
            return self.status != 0
        return command.joined_by == "||" and self.status == 0

    def _run_one(self, command: Command, piped: bytes) -> Outcome:
        words = [part for word in command.words for part in self._expanded(word)]
        if not words:
            outcome = Outcome()
        elif command.background:
            outcome = begin_in_background(self, words)
        elif words[0] in COMMANDS:
            outcome = COMMANDS[words[0]](Call(words[0], words[1:], piped, self))
        else:
            outcome = Outcome(errors=f"sh: {words[0]}: not found\n".encode(), status=127)
        return self._redirect(command, outcome)

    def _expanded(self, word: str) -> list[str]:
        """Puts in the variables, and the files that a word with ``*`` names; a quoted one names none."""
        value = expand(word, self._variable)
        if "*" not in word or "'" in word or '"' in word or "\\" in word:
            return [value]
        return self.files.matching(self.path(value)) or [value]

    def _redirect(self, command: Command, outcome: Outcome) -> Outcome:
        streams = {1: outcome.output, 2: outcome.errors}
        for redirect in command.redirects:
            if redirect.target.startswith("&"):
                target = int(redirect.target[1:])
                if target != redirect.stream:
                    streams[target] += streams[redirect.stream]
                    streams[redirect.stream] = b""
                continue
            name = expand(redirect.target, self._variable)
            problem = self._store(name, streams[redirect.stream], redirect.append)
            if problem:
                return Outcome(errors=f"sh: {name}: {problem}\n".encode(), status=1)
            streams[redirect.stream] = b""
        return Outcome(streams[1], streams[2], outcome.status, outcome.ended)

    def _store(self, name: str, content: bytes, append: bool) -> str:
        path = self.path(name)
        before = self.files.stored.get(path, b"") if append else b""
        try:
            self.files.write(path, before + content)
        except FileError as error:
            return str(error)
        return ""

    def _variable(self, name: str) -> str:
        facts = self.files.facts
        known = {
            "?": str(self.status),
            "$": "1000",
            "!": self.last_background,
            "HOME": facts.home,
            "USER": facts.username,
        }
        return (known | {"LOGNAME": facts.username, "HOSTNAME": facts.hostname, "PWD": self.directory}).get(
            name, ""
        )


def _nproc(call: Call) -> Outcome:
    return text(str(call.facts.cores))


def _free(call: Call) -> Outcome:
    letters, _ = call.options()
    unit = next(
        (size for letter, size in {"b": 1, "m": 1024**2, "g": GIB}.items() if letter in letters), 1024
    )
    total, used = call.facts.memory_bytes // unit, call.facts.memory_used_bytes // unit
    header = f"{'':<8}{'total':>12}{'used':>12}{'free':>12}{'shared':>12}{'buff/cache':>12}{'available':>12}"
    memory = f"{'Mem:':<8}{total:>12}{used:>12}{total - used:>12}{0:>12}{0:>12}{total - used:>12}"
    return text(f"{header}\n{memory}\n{'Swap:':<8}{0:>12}{0:>12}{0:>12}")


def _hostname(call: Call) -> Outcome:
    letters, rest = call.options()
    if rest:
        return call.fail("you must be root to change the host name")
    if "I" in letters or "i" in letters:
        return text("127.0.0.1")
    return text(call.facts.hostname.split(".")[0] if "s" in letters else call.facts.hostname)


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc)


def _uptime(call: Call) -> Outcome:
    letters, _ = call.options()
    if "s" in letters:
        return text(_moment(call.facts.boot_time).strftime("%Y-%m-%d %H:%M:%S"))
    minutes, hours = int(call.facts.uptime // 60) % 60, int(call.facts.uptime // 3600)
    if "p" in letters:
        return text(f"up {hours} hours, {minutes} minutes" if hours else f"up {minutes} minutes")
    span = f"{hours}:{minutes:02}" if hours else f"{minutes} min"
    now = _moment(call.facts.now()).strftime("%H:%M:%S")
    return text(f" {now} up {span},  1 user,  load average: 0.00, 0.00, 0.00")


def _uname(call: Call) -> Outcome:
    letters, _ = call.options()
    facts = call.facts
    rows = {
        "s": "Linux",
        "n": facts.hostname,
        "r": KERNEL,
        "v": KERNEL_BUILD,
        "m": facts.machine,
        "o": "GNU/Linux",
    }
    wanted = set(rows) if "a" in letters else letters or {"s"}
    return text(" ".join(value for letter, value in rows.items() if letter in wanted))


def _lscpu(call: Call) -> Outcome:
    facts = call.facts
    rows = {
        "Architecture": facts.machine,
        "CPU(s)": facts.cores,
        "On-line CPU(s) list": f"0-{facts.cores - 1}" if facts.cores > 1 else "0",
        "Model name": "OcciLibrary sandbox CPU",
        "CPU MHz": f"{facts.speed * 1000:.3f}",
        "CPU max MHz": f"{facts.speed * 1000:.4f}",
    }
    return text("\n".join(f"{name + ':':<21}{value}" for name, value in rows.items()))


def _getconf(call: Call) -> Outcome:
    known = {
        "_NPROCESSORS_ONLN": call.facts.cores,
        "_NPROCESSORS_CONF": call.facts.cores,
        "PAGE_SIZE": 4096,
        "PAGESIZE": 4096,
        "_PHYS_PAGES": call.facts.memory_bytes // 4096,
        "LONG_BIT": 32 if call.facts.architecture == "x86" else 64,
    }
    if len(call.arguments) != 1 or call.arguments[0] not in known:
        return call.fail(f"unrecognized variable `{' '.join(call.arguments)}'", 2)
    return text(str(known[call.arguments[0]]))


def _who(call: Call) -> Outcome:
    letters, _ = call.options()
    if "b" in letters:
        return text(f"         system boot  {_moment(call.facts.boot_time):%Y-%m-%d %H:%M}")
    return text(f"{call.facts.username}   pts/0        {_moment(call.facts.now()):%Y-%m-%d %H:%M}")


def _date(call: Call) -> Outcome:
    now = call.facts.now()
    formats = [word[1:] for word in call.arguments if word.startswith("+")]
    if not formats:
        return text(f"{_moment(now):%a %b} {_moment(now).day:>2} {_moment(now):%H:%M:%S UTC %Y}")
    if re.search(r"%[^A-Za-z%]|%$", formats[0]):
        return call.fail("format not understood by the sandbox's shell")
    pieces = formats[0].replace("%s", str(int(now))).replace("%N", f"{int(now % 1 * 1e9):09}")
    return text(_moment(now).strftime(pieces.replace("%Z", "UTC")))


def _echo(call: Call) -> Outcome:
    words = call.arguments
    if words[:1] == ["-n"]:
        return Outcome(" ".join(words[1:]).encode())
    return text(" ".join(words))


def _each_file(call: Call, use: Callable[[str], bytes]) -> Outcome:
    """Runs a step for each file named; a file that fails is told and does not hinder the others."""
    output, errors = b"", ""
    for name in call.options()[1]:
        try:
            output = (output + use(call.shell.path(name)))[:MOST_OUTPUT]
        except FileError as error:
            errors += f"{call.name}: {name}: {error}\n"
    return Outcome(output, errors.encode(), 1 if errors else 0)


def _cat(call: Call) -> Outcome:
    return _each_file(call, call.shell.files.read) if call.options()[1] else Outcome(call.given)


def _touch(call: Call) -> Outcome:
    files = call.shell.files

    def touch(path: str) -> bytes:
        if not files.exists(path):
            files.write(path, b"")
        return b""

    return _each_file(call, touch)


def _rm(call: Call) -> Outcome:
    forced = "f" in call.options()[0]
    files = call.shell.files

    def remove(path: str) -> bytes:
        if not forced or files.exists(path):
            files.remove(path)
        return b""

    return _each_file(call, remove)


def _ls(call: Call) -> Outcome:
    files = call.shell.files

    def names(path: str) -> bytes:
        shown = [path] if files.exists(path) else files.names_in(path)
        return "".join(f"{name}\n" for name in shown).encode()

    if not call.options()[1]:
        call.arguments.append(".")
    outcome = _each_file(call, names)
    return Outcome(outcome.output, outcome.errors, 2 if outcome.errors else 0)


def _test(call: Call) -> Outcome:
    words = list(call.arguments)
    if call.name == "[":
        if words[-1:] != ["]"]:
            return call.fail("missing ]", 2)
        words.pop()
    negated = words[:1] == ["!"]
    words = words[1:] if negated else words
    answer = _test_result(call.shell, words)
    if answer is None:
        return call.fail("not understood by the sandbox's shell", 2)
    return Outcome(status=0 if answer != negated else 1)


_FILE_TESTS: Mapping[str, Callable[[Files, str], bool]] = {
    "-e": lambda files, path: files.exists(path) or files.is_directory(path),
    "-f": lambda files, path: files.exists(path),
    "-r": lambda files, path: files.exists(path),
    "-s": lambda files, path: files.exists(path) and bool(files.read(path)),
    "-d": lambda files, path: files.is_directory(path),
}


def _test_result(shell: Shell, words: Sequence[str]) -> bool | None:
    if len(words) < 2:
        return any(words)
    if len(words) == 2 and words[0] in _FILE_TESTS:
        return _FILE_TESTS[words[0]](shell.files, shell.path(words[1]))
    if len(words) == 2 and words[0] in ("-n", "-z"):
        return bool(words[1]) == (words[0] == "-n")
    if len(words) == 3 and words[1] in ("=", "==", "!="):
        return (words[0] == words[2]) == (words[1] != "!=")
    return None


def _cd(call: Call) -> Outcome:
    target = call.shell.path(call.arguments[0] if call.arguments else "~")
    if not call.shell.files.is_directory(target):
        return Outcome(errors=f"sh: cd: {call.arguments[0]}: No such file or directory\n".encode(), status=1)
    call.shell.directory = target
    return Outcome()


def _exit(call: Call) -> Outcome:
    given = call.arguments[0] if call.arguments else str(call.shell.status)
    return Outcome(status=int(given) % 256 if re.fullmatch(r"\d{1,9}", given) else 2, ended=True)


def _grep(call: Call) -> Outcome:
    letters, rest = call.options()
    if not rest or len(rest[0]) > 200:
        return call.fail("a pattern is needed", 2)
    words = re.escape(rest[0].strip("^$"))  # a plain word, at most bound to the line's start or end
    bound = ("^" if rest[0].startswith("^") else "") + words + ("$" if rest[0].endswith("$") else "")
    pattern = re.compile(bound, re.IGNORECASE if "i" in letters else re.RegexFlag(0))
    call.arguments = rest[1:]
    if "l" in letters:
        return _each_file(call, lambda path: _name_if_found(path, pattern, call))
    source = _cat(call)
    lines = [
        line
        for line in source.output.decode(errors="replace").splitlines()
        if bool(pattern.search(line)) != ("v" in letters)
    ]
    output = (
        f"{len(lines)}\n"
        if "c" in letters
        else ""
        if "q" in letters
        else "".join(f"{line}\n" for line in lines)
    )
    return Outcome(output.encode(), source.errors, source.status * 2 or (0 if lines else 1))


def _name_if_found(path: str, pattern: re.Pattern[str], call: Call) -> bytes:
    content = call.shell.files.read(path).decode(errors="replace")
    return f"{path}\n".encode() if any(map(pattern.search, content.splitlines())) else b""


def _wc(call: Call) -> Outcome:
    letters, call.arguments = call.options()
    source = _cat(call)
    counts = {"l": source.output.count(b"\n"), "w": len(source.output.split()), "c": len(source.output)}
    shown = [str(count) for letter, count in counts.items() if letter in letters or not letters]
    return Outcome(f"{' '.join(shown)}\n".encode(), source.errors, source.status)


def _id(call: Call) -> Outcome:
    letters, _ = call.options()
    if "u" in letters or "g" in letters:
        return text(call.facts.username if "n" in letters else "1000")
    return text(" ".join(f"{kind}=1000({call.facts.username})" for kind in ("uid", "gid", "groups")))


def _sh(call: Call) -> Outcome:
    script = _script(call)
    if isinstance(script, Outcome):
        return script
    if call.shell.depth == DEEPEST:
        return call.fail("too many scripts that run scripts", 2)
    return Shell(call.shell.files, call.shell.depth + 1).run(script)


def _script(call: Call) -> str | Outcome:
    """Returns what is to be run: the words behind -c, or a file's; an outcome where there is neither."""
    if len(call.arguments) == 2 and call.arguments[0] == "-c":
        return call.arguments[1]
    if len(call.arguments) != 1:
        return call.fail("a file with commands is needed, or -c and a command line", 2)
    try:
        return call.shell.files.read(call.shell.path(call.arguments[0])).decode(errors="replace")
    except FileError as error:
        return call.fail(f"{call.arguments[0]}: {error}", 127)


COMMANDS: Mapping[str, Callable[[Call], Outcome]] = {
    "nproc": _nproc,
    "sh": _sh,
    "free": _free,
    "hostname": _hostname,
    "uptime": _uptime,
    "uname": _uname,
    "lscpu": _lscpu,
    "getconf": _getconf,
    "who": _who,
    "date": _date,
    "echo": _echo,
    "cat": _cat,
    "touch": _touch,
    "rm": _rm,
    "ls": _ls,
    "test": _test,
    "[": _test,
    "cd": _cd,
    "grep": _grep,
    "wc": _wc,
    "exit": _exit,
    "logout": _exit,
    "true": lambda call: Outcome(),
    ":": lambda call: Outcome(),
    "false": lambda call: Outcome(status=1),
    "sync": lambda call: Outcome(),
    "whoami": lambda call: text(call.facts.username),
    "pwd": lambda call: text(call.shell.directory),
    "arch": lambda call: text(call.facts.machine),
    "id": _id,
    "kill": kill,
    "ps": ps,
}
