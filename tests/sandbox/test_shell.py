"""The VM's shell by itself: what it says of the machine, its language, its files."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from OcciLibrary.sandbox.background_processes import MOST_PROCESSES
from OcciLibrary.sandbox.machine_files import MOST_BYTES, Files, MachineFacts
from OcciLibrary.sandbox.shell import COMMANDS, Shell

BOOTED = dt.datetime(2011, 11, 14, 18, 5, 7, tzinfo=dt.timezone.utc).timestamp()
NOW = BOOTED + 3 * 3600 + 25 * 60 + 1.25
FACTS = MachineFacts("vm.example.org", 3, 1.5, 2.4, "x64", "tester", "boot-id-1", BOOTED, now=lambda: NOW)


@pytest.fixture
def shell() -> Shell:
    return Shell(Files(FACTS))


def out(shell: Shell, line: str) -> str:
    outcome = shell.run(line)
    assert outcome.errors == b""
    return outcome.output.decode()


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("nproc", "3\n"),
        ("getconf _NPROCESSORS_ONLN", "3\n"),
        ("grep -c ^processor /proc/cpuinfo", "3\n"),
        ("hostname", "vm.example.org\n"),
        ("hostname -f", "vm.example.org\n"),
        ("hostname -s", "vm\n"),
        ("cat /etc/hostname", "vm.example.org\n"),
        ("cat /proc/sys/kernel/random/boot_id", "boot-id-1\n"),
        ("uptime -s", "2011-11-14 18:05:07\n"),
        ("who -b", "         system boot  2011-11-14 18:05\n"),
        ("uptime", " 21:30:08 up 3:25,  1 user,  load average: 0.00, 0.00, 0.00\n"),
        ("uptime -p", "up 3 hours, 25 minutes\n"),
        ("cat /proc/uptime", "12301.25 36903.75\n"),
        ("grep btime /proc/stat", f"btime {int(BOOTED)}\n"),
        ("date", "Mon Nov 14 21:30:08 UTC 2011\n"),
        ("date -u +%Y-%m-%dT%H:%M:%S", "2011-11-14T21:30:08\n"),
        ("date +%s", f"{int(NOW)}\n"),
        ("uname", "Linux\n"),
        ("uname -m", "x86_64\n"),
        ("uname -n", "vm.example.org\n"),
        ("uname -sr", "Linux 6.1.0-sandbox\n"),
        ("whoami", "tester\n"),
        ("pwd", "/home/tester\n"),
        ("id", "uid=1000(tester) gid=1000(tester) groups=1000(tester)\n"),
        ("grep MemTotal /proc/meminfo", "MemTotal:        1572864 kB\n"),
        ("cat /proc/cpuinfo | grep MHz | wc -l", "3\n"),
        ("arch", "x86_64\n"),
    ],
)
def test_tells_the_truth_of_the_machine(shell: Shell, command: str, answer: str) -> None:
    assert out(shell, command) == answer


@pytest.mark.parametrize(
    ("option", "unit"), [("", 1024), ("-k", 1024), ("-m", 1024**2), ("-b", 1), ("-g", 1024**3)]
)
def test_free_counts_in_the_unit_asked_for(shell: Shell, option: str, unit: int) -> None:
    header, memory, swap = out(shell, f"free {option}").splitlines()
    total, used, free, *_ = (int(number) for number in memory.split()[1:])
    assert header.split()[:3] == ["total", "used", "free"]
    assert total == int(1.5 * 1024**3) // unit
    assert total == used + free
    assert swap.startswith("Swap:")


def test_lscpu_and_uname_know_32_bits() -> None:
    facts = MachineFacts("old", 1, 0.5, 1.0, "x86", "root", "b", BOOTED)
    shell = Shell(Files(facts))
    assert re.search(r"^Architecture: +i686$", out(shell, "lscpu"), re.MULTILINE)
    assert re.search(r"^CPU\(s\): +1$", out(shell, "lscpu"), re.MULTILINE)
    assert out(shell, "uname -m; getconf LONG_BIT; pwd") == "i686\n32\n/root\n"
    assert shell.prompt == "root@old:~# "


@pytest.mark.parametrize(
    ("line", "answer", "status"),
    [
        ("true && echo a", "a\n", 0),
        ("false && echo a", "", 1),
        ("false || echo b; echo c", "b\nc\n", 0),
        ("false; echo $?", "1\n", 0),
        ("echo 'a  b'\" c\"\\ d", "a  b c d\n", 0),
        ("echo \"$USER\" '$USER' ${HOSTNAME}", "tester $USER vm.example.org\n", 0),
        ("echo a;echo b&&echo c", "a\nb\nc\n", 0),
        ("echo -n x", "x", 0),
        ("echo one # two", "one\n", 0),
        ("echo a\necho b", "a\nb\n", 0),
        ("[ a = a ] && [ ! -f x ] && test -n y && echo yes", "yes\n", 0),
        ("test 1 != 1", "", 1),
        ("test -d /tmp", "", 0),
        ("cd /tmp && pwd; cd; pwd", "/tmp\n/home/tester\n", 0),
        ("nothing 2>/dev/null", "", 127),
        ("nothing 2>&1", "sh: nothing: not found\n", 127),
        ("exit 3; echo never", "", 3),
        ("false; exit", "", 1),
        ("", "", 0),
    ],
)
def test_command_language(shell: Shell, line: str, answer: str, status: int) -> None:
    outcome = shell.run(line)
    assert (outcome.output.decode(), outcome.status, outcome.errors) == (answer, status, b"")


@pytest.mark.parametrize(
    ("line", "status", "words"),
    [
        ("frobnicate -x", 127, "sh: frobnicate: not found\n"),
        ("cat /nothing", 1, "cat: /nothing: No such file or directory\n"),
        ("cat /tmp", 1, "cat: /tmp: Is a directory\n"),
        ("echo x > /proc/uptime", 1, "sh: /proc/uptime: Permission denied\n"),
        ("echo x > /nowhere/x", 1, "sh: /nowhere/x: No such file or directory\n"),
        ("rm /etc/hostname", 1, "rm: /etc/hostname: Permission denied\n"),
        ("ls /nothing", 2, "ls: /nothing: No such file or directory\n"),
        ("cd /nothing", 1, "sh: cd: /nothing: No such file or directory\n"),
        ("hostname other", 1, "hostname: you must be root to change the host name\n"),
        ("echo 'open", 2, "sh: not understood"),
        ("echo $(date)", 2, "sh: not understood"),
        ("echo `date`", 2, "sh: not understood"),
        ("&& echo", 2, "sh: syntax error"),
        ("echo |", 2, "sh: syntax error"),
        ("echo >", 2, "sh: syntax error"),
        ("getconf NONSENSE", 2, "getconf: unrecognized"),
        ("date +%999999999d", 1, "date: format not understood"),
    ],
)
def test_failures_are_told_as_a_shell_tells_them(shell: Shell, line: str, status: int, words: str) -> None:
    outcome = shell.run(line)
    assert (outcome.output, outcome.status) == (b"", status)
    assert outcome.errors.decode().startswith(words)


def test_files_in_ram(shell: Shell) -> None:
    assert out(shell, "echo one > f; echo two >> f; cat f") == "one\ntwo\n"
    assert out(shell, "touch g; ls; ls /tmp; ls f") == "f\ng\n/home/tester/f\n"
    assert Shell(shell.files).run("cat ~/f").output == b"one\ntwo\n"
    assert out(shell, "cat f | grep -v one") == "two\n"
    assert out(shell, "rm f; test -f f || echo gone; rm -f f; ls") == "gone\ng\n"
    assert shell.run("rm f").status == 1


def test_ram_is_bounded(shell: Shell) -> None:
    shell.run("echo " + "x" * 1000 + " > f")
    for _ in range(15):
        shell.run("cat f f > g; cat g > f")
    assert b"No space left" in shell.run("cat f f > g").errors
    assert sum(len(content) for content in shell.files.stored.values()) <= MOST_BYTES
    outcomes = [shell.run(f"touch /tmp/{number}") for number in range(300)]
    assert b"No space left" in outcomes[-1].errors
    assert len(shell.files.stored) <= 200


def test_exit_ends_the_session(shell: Shell) -> None:
    assert shell.run("exit").ended
    assert shell.run("echo a && exit 2").ended
    assert not shell.run("false && exit").ended


@given(
    st.text()
    | st.lists(
        st.sampled_from([*COMMANDS, ";", "&&", "|", ">", "2>&1", "f", "-c", "'", '"', "$?", "\\", "/tmp"])
    ).map(" ".join)
)
def test_any_line_gives_an_outcome(line: str) -> None:
    shell = Shell(Files(FACTS))
    outcome = shell.run(line)
    assert 0 <= outcome.status <= 255
    assert shell.run("nproc").output == b"3\n"


def test_process_in_the_background_lives_in_the_memory_until_it_ends_or_is_ended() -> None:
    clock = [NOW]
    shell = Shell(Files(replace(FACTS, now=lambda: clock[0])))
    number = out(shell, "sleep 60 > /dev/null 2>&1 & echo $!").strip()
    again = Shell(shell.files)  # another login finds it
    fields = out(again, f"cat /proc/{number}/stat").split()
    assert fields[:2] == [number, "(sleep)"]
    assert int(fields[21]) == round((NOW - BOOTED) * 100)
    assert out(again, f"kill -0 {number} && echo there") == "there\n"
    assert number in out(again, "ps")
    other = out(shell, "nohup sleep 600 & echo $!").strip()
    clock[0] += 61
    assert again.run(f"cat /proc/{number}/stat").status == 1
    assert out(again, f"kill {other}; ps") == "    PID TTY          TIME CMD\n"
    assert again.run(f"kill {other}").errors == f"sh: kill: ({other}) - No such process\n".encode()


def test_processes_are_bounded_and_nothing_but_sleep_goes_to_the_background(shell: Shell) -> None:
    assert b"nothing but sleep" in shell.run("cat /proc/uptime &").errors
    for _ in range(MOST_PROCESSES):
        assert shell.run("sleep 99 &").errors == b""
    assert b"fork" in shell.run("sleep 99 &").errors


@pytest.mark.parametrize("line", ["&", "& sleep 1", "sleep 1 &&", "sleep 1 & & sleep 2"])
def test_misplaced_background_is_refused(shell: Shell, line: str) -> None:
    assert shell.run(line).status == 2


def test_kernel_tells_of_memory_blocks_cores_and_mounts(shell: Shell) -> None:
    assert out(shell, "cat /sys/devices/system/memory/block_size_bytes") == "8000000\n"
    assert out(shell, "grep -l online /sys/devices/system/memory/memory*/state | wc -l") == "12\n"
    assert (
        out(shell, "echo '/sys/devices/system/memory/memory*/state'")
        == "/sys/devices/system/memory/memory*/state\n"
    )
    assert out(shell, "echo nothing*here") == "nothing*here\n"
    assert out(shell, "cat /sys/devices/system/cpu/online") == "0-2\n"
    assert "tmpfs /dev/shm tmpfs rw" in out(shell, "cat /proc/mounts")
    assert out(shell, "echo kept > /dev/shm/note && cat /dev/shm/note") == "kept\n"
    assert out(shell, "id -u; id -un") == "1000\ntester\n"
