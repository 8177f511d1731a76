"""Which compilers, interpreters and libraries a machine has, and in which versions: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .quoting import escaped

_WORKS = "it.works"
_VERSIONS = {
    "bash": "bash --version",
    "busybox": "busybox",
    "clang": "clang --version",
    "cmake": "cmake --version",
    "g++": "g++ --version",
    "gcc": "gcc --version",
    "gfortran": "gfortran --version",
    "git": "git --version",
    "go": "go version",
    "ifort": "ifort --version",
    "java": "java -version",
    "javac": "javac -version",
    "julia": "julia --version",
    "lua": "lua -v",
    "make": "make --version",
    "mpicc": "mpicc --version",
    "node": "node --version",
    "octave": "octave --version",
    "perl": "perl -v",
    "php": "php --version",
    "python": "python --version",
    "python2": "python2 --version",
    "python3": "python3 --version",
    "R": "R --version",
    "root": "root-config --version",
    "ruby": "ruby --version",
    "rustc": "rustc --version",
    "swift": "swift --version",
}
TOOL_QUESTIONS = {
    name: f"command -v {command.split()[0]} && {command} 2>&1 && echo {_WORKS}"
    for name, command in _VERSIONS.items()
}
"""Each answers with the tool's path, what the tool says of its version, and a last line when it works: some are only stubs."""
PACKAGE_QUESTIONS = {
    "dpkg": 'dpkg-query -W -f "\\${db:Status-Abbrev} \\${Package} \\${Version}\\n"',
    "rpm": 'rpm -qa --qf "%{NAME} %{VERSION}-%{RELEASE}\\n"',
    "apk": "apk info -v",
    "pacman": "pacman -Q",
}
_NUMBER = r"\d+(?:\.\d+)+[\w.+~-]*"
# GCC and Clang put the distribution's own version into parentheses before theirs.
_LAST = ("g++", "gcc", "gfortran", "mpicc")
_SPECIAL = {
    "busybox": r"BusyBox v(\S+)",
    "perl": r"\(v([\d.]+)\)",
    "go": r"go(\d[\w.]*)",
    "lua": r"Lua (\d[\w.]*)",
}
_LIBRARIES = {
    "atlas": r"(lib)?atlas",
    "blas": r"(lib)?(open|g?sl)?blas",
    "boost": r"(lib)?boost",
    "cuda": r"(cuda|nvidia-cuda)",
    "eigen": r"(lib)?eigen",
    "fftw": r"(lib)?fftw",
    "gmp": r"(lib)?gmp(\d|-|$)",
    "gsl": r"(lib)?gsl(\d|-|$)",
    "hdf5": r"(lib)?hdf5",
    "lapack": r"(lib)?(lapack|atlas-lapack)",
    "mkl": r"(intel-(oneapi-)?mkl|libmkl)",
    "mpich": r"(lib)?mpich",
    "netcdf": r"(lib)?netcdf",
    "numpy": r"(python\d?|py\d?)-numpy",
    "opencl": r"(ocl-icd|opencl)",
    "openmpi": r"(lib)?openmpi",
    "openssl": r"(openssl|libssl|libcrypto)",
    "petsc": r"(lib)?petsc",
    "root": r"(root-system|root-core|libroot)",
    "scalapack": r"(lib)?scalapack",
    "scipy": r"(python\d?|py\d?)-scipy",
    "tbb": r"(lib|one)?tbb",
    "zlib": r"(zlib|libz1)",
}


@dataclass(frozen=True, slots=True, order=True)
class Tool:
    """A compiler or interpreter; ``version`` is '' where it does not tell it."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, order=True)
class Library:
    """A package of a well-known library."""

    library: str
    package: str
    version: str


@dataclass(frozen=True, slots=True)
class Packages:
    """What a package manager says: its name, how many packages it has installed, and those of well-known libraries."""

    manager: str = ""
    installed: int = 0
    libraries: tuple[Library, ...] = ()


def tools(said: Mapping[str, Sequence[str]]) -> tuple[Tool, ...]:
    """Reads the answers to ``TOOL_QUESTIONS``, by name."""
    working = {name: lines for name, lines in said.items() if lines and lines[-1] == _WORKS}
    return tuple(sorted(Tool(name, _version(name, lines[1:-1])) for name, lines in working.items()))


def _version(name: str, lines: Sequence[str]) -> str:
    text = "\n".join(lines[:5])
    if special := _SPECIAL.get(name):
        found = re.search(special, text)
        return escaped(found[1], 40) if found else ""
    first = next((line for line in lines[:5] if re.search(r"\d", line)), "")
    numbers = re.findall(_NUMBER, first) or re.findall(r"\d[\w.]*", first)
    if not numbers:
        return ""
    return escaped(numbers[-1 if name in _LAST else 0], 40)


def packages(said: Mapping[str, Sequence[str]]) -> Packages:
    """Reads the answers to ``PACKAGE_QUESTIONS``: of the first package manager that has installed anything."""
    for manager in PACKAGE_QUESTIONS:
        found = [package for line in said.get(manager, ()) if (package := _package(manager, line))]
        if found:
            return Packages(manager, len(found), tuple(sorted(set(_libraries(found)))))
    return Packages()


def _package(manager: str, line: str) -> tuple[str, str] | None:
    """Reads a line as a package's name and version, None where it is not one that is installed."""
    patterns = {
        "dpkg": r"[a-z]i\s+(\S{1,100}) (\S{1,100})",
        "apk": r"(\S{1,100}?)-(\d\S{0,100})",
    }
    found = re.fullmatch(patterns.get(manager, r"(\S{1,100}) (\S{1,100})"), line.strip())
    return (found[1], found[2]) if found else None


def _libraries(found: Sequence[tuple[str, str]]) -> list[Library]:
    return [
        Library(library, escaped(name, 80), escaped(version, 60))
        for name, version in found
        for library, pattern in _LIBRARIES.items()
        if re.match(pattern, name)
    ]
