"""Who may log in to a machine, what they may do there, and which updates it lacks: what it is asked and how that is read.

Nothing is changed on the machine and nothing fetched from a network. Keys are counted, never read out. Source: wiki, Scenario 1,
"Trust level and Auditing of the VM".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .quoting import escaped

_SETTINGS = (
    "port", "permitrootlogin", "passwordauthentication", "pubkeyauthentication", "kbdinteractiveauthentication",
    "challengeresponseauthentication", "permitemptypasswords", "allowusers", "allowgroups", "denyusers", "denygroups", "match",
)  # fmt: skip
_SSHD_FILES = "/etc/ssh/sshd_config.d/*.conf /etc/ssh/sshd_config"
_KEYS = "$HOME/.ssh/authorized_keys /root/.ssh/authorized_keys /home/*/.ssh/authorized_keys"
ACCOUNT_QUESTIONS = {
    "self": "id",
    "passwd": "cat /etc/passwd",
    "shells": "cat /etc/shells",
    "keys": f'grep -c -E "^[^#]*(ssh-|ecdsa-|sk-)" {_KEYS} /dev/null',
    "sshd": f"cat {_SSHD_FILES}",
}
SUDO_QUESTIONS = {"self": "id", "sudo": "command -v sudo && sudo -n -l 2>&1", "doas": "cat /etc/doas.conf"}
UPDATE_QUESTIONS = {
    "now": "date +%s",
    "apt": "command -v apt && apt -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= list --upgradable",
    "apt_lists": "stat -c %Y /var/lib/apt/lists",
    "apt_fetched": "ls /var/lib/apt/lists",
    "apk": "command -v apk && apk --no-network list --upgradable",
    "apk_lists": "stat -c %Y /var/cache/apk",
    "apk_fetched": "ls /var/cache/apk",
}
# As an ordinary user dnf writes a cache of its own, whatever it is asked: what it has made is taken away again.
DNF_QUESTIONS = {
    "now": "date +%s",
    "dnf": (
        'command -v dnf && T=$(mktemp -d) && B=$(ls -d /var/tmp/dnf-*) ; test -n "$T" && HOME="$T" XDG_CACHE_HOME="$T" '
        'XDG_STATE_HOME="$T" dnf -C -q updateinfo list --security && echo it.works ; '
        'test -n "$T" && for D in /var/tmp/dnf-*; do case "$B" in *"$D"*) ;; *) rm -rf "$D" ;; esac; done ; '
        'test -n "$T" && rm -rf "$T"'
    ),
    "dnf_lists": "stat -c %Y /var/cache/dnf /var/cache/libdnf5",
}
_NO_LOGIN = re.compile(r".*/(nologin|false|sync|shutdown|halt)?")
_MAY_BECOME_ROOT = ("sudo", "wheel", "admin", "docker", "lxd", "root")


@dataclass(frozen=True, slots=True)
class Account:
    """An account with a shell to log in with; ``keys`` is how many public keys open it, None where that cannot be read."""

    name: str
    uid: int
    shell: str
    keys: int | None


@dataclass(frozen=True, slots=True)
class Logins:
    """Who may log in, and what the ssh server's settings say as far as they are written down and readable."""

    accounts: tuple[Account, ...]
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """What the user may do as root: groups that may become root, and what sudo says, line by line."""

    groups: tuple[str, ...]
    sudo: tuple[str, ...]
    has_sudo: bool


@dataclass(frozen=True, slots=True)
class Update:
    """A package for which the machine's lists know a newer version; ``security`` is None where they do not tell what it is for."""

    package: str
    version: str
    security: bool | None


@dataclass(frozen=True, slots=True)
class Updates:
    """The pending updates by the machine's own lists, which are ``age`` days old (None: not known)."""

    manager: str
    pending: tuple[Update, ...]
    age: float | None


def read_logins(said: Mapping[str, Sequence[str]]) -> Logins | None:
    """Reads the answers to ``ACCOUNT_QUESTIONS``; None where the machine does not tell its accounts."""
    if not said["passwd"]:
        return None
    counts = dict(_key_counts(said["keys"]))
    accounts = []
    for line in said["passwd"][:1000]:
        fields = line.split(":")
        if len(fields) == 7 and fields[2].isdecimal() and not _NO_LOGIN.fullmatch(fields[6]):
            name, home = escaped(fields[0], 60), fields[5].rstrip("/")
            accounts.append(Account(name, int(fields[2][:10]), escaped(fields[6], 60), counts.get(home)))
    return Logins(tuple(accounts), tuple(_settings(said["sshd"])))


def _key_counts(lines: Sequence[str]) -> list[tuple[str, int]]:
    counts = []
    for line in lines:
        if counted := re.fullmatch(r"(/\S*)/\.ssh/authorized_keys:(\d{1,6})", line):
            counts.append((counted[1], int(counted[2])))
    return counts


def _settings(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Reads what sshd_config(5) settings say; of a setting that stands twice the first counts, but for those behind a Match."""
    found: dict[str, str] = {}
    for line in lines[:2000]:
        words = re.split(r"[\s=]+", line.strip(), maxsplit=1)
        name = words[0].lower()
        if name == "match" and len(words) > 1:
            found.setdefault(f"match {len(found)}", words[1])
        elif name in _SETTINGS and len(words) > 1 and not any(known.startswith("match ") for known in found):
            found.setdefault(name, words[1])
    return [(name.partition(" ")[0], escaped(value, 200)) for name, value in found.items()]


def read_rights(said: Mapping[str, Sequence[str]]) -> Rights | None:
    """Reads the answers to ``SUDO_QUESTIONS``; None where the machine does not even tell who the user is."""
    if not said["self"]:
        return None
    groups = re.findall(r"\((\w[\w.-]*)\)", said["self"][0].partition("groups=")[2])
    powerful = tuple(dict.fromkeys(group for group in groups if group in _MAY_BECOME_ROOT))
    told = [*said["sudo"][1:], *(f"doas: {line}" for line in said["doas"])]
    return Rights(powerful, tuple(escaped(line.strip(), 200) for line in told[:100]), bool(said["sudo"]))


def read_updates(said: Mapping[str, Sequence[str]], dnf: Mapping[str, Sequence[str]]) -> Updates | None:
    """Reads the answers to ``UPDATE_QUESTIONS`` and ``DNF_QUESTIONS``; None where no package manager tells its updates.

    One that has never fetched its lists knows of no update, and so tells nothing.
    """
    if said["apt"] and any(re.search(r"_(In)?Release|_Packages", name) for name in said["apt_fetched"]):
        return Updates("apt", tuple(_apt(said["apt"][1:])), _age(said, "apt_lists"))
    if said["apk"] and any(name.startswith("APKINDEX") for name in said["apk_fetched"]):
        return Updates("apk", tuple(_apk(said["apk"][1:])), _age(said, "apk_lists"))
    if dnf["dnf"] and dnf["dnf"][-1] == "it.works":
        return Updates("dnf", tuple(_dnf(dnf["dnf"][1:-1])), _age(dnf, "dnf_lists"))
    return None


def _apt(lines: Sequence[str]) -> list[Update]:
    found = []
    for line in lines:
        if row := re.match(r"([^/\s]{1,100})/(\S{1,200}) (\S{1,100}) \S+ \[", line):
            found.append(Update(escaped(row[1]), escaped(row[3]), "-security" in row[2]))
    return found


def _apk(lines: Sequence[str]) -> list[Update]:
    rows = (re.match(r"(\S{1,100}?)-(\d\S{0,100}) .*\[upgradable from", line) for line in lines)
    return [Update(escaped(row[1]), escaped(row[2]), None) for row in rows if row]


def _dnf(lines: Sequence[str]) -> list[Update]:
    """Reads the package of each advisory: name-[epoch:]version-release.architecture."""
    found = []
    for word in (word for line in lines for word in line.split()):
        if row := re.fullmatch(r"(\S{1,100}?)-((?:\d+:)?\d[^-\s]{0,60}-[^-\s]{1,60})\.[a-z]\w+", word):
            found.append(Update(escaped(row[1]), escaped(row[2]), True))
    return list(dict.fromkeys(found))


def _age(said: Mapping[str, Sequence[str]], name: str) -> float | None:
    """Returns how many days ago the lists were fetched, by the machine's own clock."""
    now, then = (
        [int(line) for line in said[key] if re.fullmatch(r"\d{9,11}", line)] for key in ("now", name)
    )
    return round(max(0, now[0] - max(then)) / 86400, 1) if now and then else None
