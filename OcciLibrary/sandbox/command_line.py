"""Reads a shell command line into commands: words, quotes, variables, ``;`` ``&&`` ``||`` ``|`` ``&`` and redirections."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

_TOKENS = re.compile(
    r"""(?P<space>[ \t\r]+)
      | (?P<operator>&&|\|\||;|\||\n|&)
      | (?P<redirect>[12]?>>?(?:&[12])?)
      | (?P<word>(?:[^\s'"\\;|&<>()`$\#]|\#|\\.|'[^']*'|"(?:[^"\\]|\\.)*"|\$(?!\())+)""",
    re.VERBOSE | re.DOTALL,
)
_PIECES = re.compile(
    r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)|(?P<bare>[^'"\\]+)""", re.DOTALL
)
_VARIABLE = re.compile(r"\$(?:(?P<special>[?$!])|(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})")


class CommandLineError(Exception):
    """A command line that this shell does not understand."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where one output goes: ``stream`` is 1 or 2, ``target`` a file name as written, or &1, &2."""

    stream: int
    target: str
    append: bool


@dataclass(slots=True)
class Command:
    """One command as written; ``joined_by`` is the operator before it, ``background`` tells that & follows it."""

    joined_by: str = ";"
    words: list[str] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    background: bool = False


def parse(line: str) -> list[Command]:
    """Splits a command line at its operators. Raises CommandLineError, whose text names what is not understood."""
    commands = [Command()]
    pending: str | None = None  # a redirection that waits for its file name
    for kind, text in _tokens(line):
        command = commands[-1]
        if kind == "operator":
            if pending or (not command.words and text not in ";\n"):
                raise CommandLineError(f"syntax error near unexpected token `{text.strip() or 'newline'}'")
            command.background = text == "&"
            commands.append(Command(";" if text in "\n&" else text))
        elif kind == "redirect":
            pending = _redirect(command, text)
        elif pending:
            command.redirects.append(Redirect(2 if pending[0] == "2" else 1, text, ">>" in pending))
            pending = None
        else:
            command.words.append(text)
    if pending or (not commands[-1].words and commands[-1].joined_by != ";"):
        raise CommandLineError("syntax error: unexpected end of line")
    return [command for command in commands if command.words or command.redirects]


def _tokens(line: str) -> list[tuple[str, str]]:
    found = []
    position = 0
    while position < len(line):
        match = _TOKENS.match(line, position)
        if match is None:
            raise CommandLineError(f"not understood by the sandbox's shell: {line[position:][:20]!r}")
        kind = str(match.lastgroup)
        if kind == "word" and match.group().startswith("#"):
            break
        if kind != "space":
            found.append((kind, match.group()))
        position = match.end()
    return found


def _redirect(command: Command, text: str) -> str | None:
    if "&" not in text:
        return text
    command.redirects.append(Redirect(2 if text[0] == "2" else 1, text[text.index("&") :], append=False))
    return None


def expand(word: str, value_of: Callable[[str], str]) -> str:
    """Takes off the quotes and puts in the variables; ``value_of`` gives a variable's value by name."""

    def replace(match: re.Match[str]) -> str:
        return value_of(match["special"] or match["name"] or match["braced"])

    parts = []
    for piece in _PIECES.finditer(word):
        if piece["single"] is not None:
            parts.append(piece["single"])
        elif piece["double"] is not None:
            parts.append(re.sub(r'\\(["\\$`])', r"\1", _VARIABLE.sub(replace, piece["double"])))
        elif piece["escaped"] is not None:
            parts.append(piece["escaped"])
        else:
            parts.append(_VARIABLE.sub(replace, piece["bare"]))
    return "".join(parts)
