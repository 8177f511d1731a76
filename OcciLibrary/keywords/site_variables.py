"""A site file outside of a run: its variables as a run would have them, with nothing run and nothing sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from robot.conf import RobotSettings
from robot.errors import DataError
from robot.output import LOGGER
from robot.running import ResourceFile
from robot.variables.scopes import GlobalVariables

from OcciLibrary.keywords.secret_variables import learn_from_environment, learn_from_variables
from OcciLibrary.keywords.site_file import short
from OcciLibrary.keywords.site_file_text import secrets_in_text
from OcciLibrary.occi.known_secrets import learn, masked

_DEEPEST = 5  # resource files that one site file takes from another


@dataclass(frozen=True)
class SiteVariables:
    """Holds a site file's variables by their names, such as `${OCCI_ENDPOINT}`, and what Robot Framework says against it."""

    values: Mapping[str, Any]
    problems: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Returns the variable of a name such as `VM_ID` as text; '' where it is not set."""
        value = self.values.get(f"${{{name}}}")
        return "" if value is None else str(value).strip()


def read_variables(path: Path, given: Sequence[str] = ()) -> SiteVariables:
    """Returns the variables of a site file, and of the resource files that it imports.

    `given` are the values of `--variable` (`NAME:value`), which win as in a run. Every secret among the variables and in the
    environment is learnt on the way. What cannot be read is told in `problems`, a sentence each without secrets.
    """
    learn_from_environment()
    for secret in secrets_in_text(path):
        learn(secret)
    with LOGGER.cache_only:  # what Robot Framework says of a site file is told by the caller, once
        kept = LOGGER._message_cache if LOGGER._message_cache is not None else []
        before = len(kept)
        try:
            variables = _global_variables(given)
            problems = list(_read(path, variables, 0))
            variables.resolve_delayed()
            values = variables.as_dict()
        except DataError as problem:
            values, problems = {}, [str(problem)]
        problems += [message.message for message in kept[before:] if message.level == "ERROR"]
        del kept[before:]
    learn_from_variables(values)
    return SiteVariables(values, tuple(masked(problem) for problem in problems))


def _global_variables(given: Sequence[str]) -> Any:
    return GlobalVariables(RobotSettings({"variable": list(given)}))  # type: ignore[no-untyped-call]


def _read(path: Path, variables: Any, depth: int) -> Iterator[str]:
    if not path.is_file():
        yield f"There is no file {short(path)}"
        return
    try:
        resource = ResourceFile.from_file_system(path)
    except DataError as problem:
        yield f"{short(path)} cannot be read: {problem}"
        return
    variables.set_from_variable_section(resource.variables)
    for imported in resource.imports:
        try:
            name = variables.replace_string(imported.name)
            if imported.type == imported.VARIABLES:
                variables.set_from_file(str(path.parent / name), imported.args)
            elif imported.type == imported.RESOURCE and depth < _DEEPEST:
                yield from _read(path.parent / name, variables, depth + 1)
        except DataError as problem:
            yield f"{short(path)} imports {imported.name}, which cannot be read: {problem}"
