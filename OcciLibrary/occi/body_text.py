"""Turns the bytes of a body into text: UTF-8, or Latin-1 where it is not; large bodies block by block."""

from __future__ import annotations

from collections.abc import Iterator

from OcciLibrary.occi.deviations import DeviationLog
from OcciLibrary.occi.errors import RenderingError

_BOM = b"\xef\xbb\xbf"
_SHORTEST = 1 << 16
_LONGEST = 1 << 20
_CONTINUES = (b" ", b"\t", b"\r", b"\n")


def is_silent(body: bytes) -> bool:
    """Tells whether a body is empty or only the word OK, with blanks around it at most."""
    if len(body) < 100:
        return body.removeprefix(_BOM).strip() in (b"", b"OK")
    return body.isspace()


def decoded(body: bytes, log: DeviationLog) -> str:
    """Gives the whole text of a body. Raises RenderingError for UTF-16."""
    _check_charset(body)
    try:
        # The codec utf-8-sig takes longer than reading a whole entity.
        return (body[len(_BOM) :] if body.startswith(_BOM) else body).decode("utf-8")
    except UnicodeDecodeError:
        log.note("not-utf-8", "body", "the body is not UTF-8; it was read as Latin-1")
        return body.decode("latin-1")


def blocks(body: bytes, log: DeviationLog, size: int = 0) -> Iterator[str]:
    """Gives the text of a body in pieces that end where a line ends, so that little is held twice.

    A piece has about ``size`` bytes, or a size that suits the body.
    """
    # Each piece cuts an entity in two, so that a long body had better have long ones.
    size = size or min(max(_SHORTEST, len(body) // 64), _LONGEST)
    if len(body) <= 2 * size:
        yield decoded(body, log)
        return
    _check_charset(body)
    charset = "utf-8" if _is_utf_8(body, size) else "latin-1"
    if charset != "utf-8":
        log.note("not-utf-8", "body", "the body is not UTF-8; it was read as Latin-1")
    for piece in _pieces(body, size):
        yield piece.decode(charset)


def _check_charset(body: bytes) -> None:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RenderingError("the body is UTF-16", "body", 0, "UTF-8 (RFC 3629 §3)")


def _is_utf_8(body: bytes, size: int) -> bool:
    try:
        for piece in _pieces(body, size):
            piece.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _pieces(body: bytes, size: int) -> Iterator[bytes]:
    begin = len(_BOM) if body.startswith(_BOM) else 0
    while begin < len(body):
        end = _line_end(body, begin + size)
        yield body[begin:end]
        begin = end


def _line_end(body: bytes, position: int) -> int:
    """Finds the next end of a line that is not continued by a backslash or by blanks."""
    while True:
        position = body.find(b"\n", position) + 1
        if not position:
            return len(body)
        if body[position : position + 1] not in _CONTINUES and not _ends_in_backslash(body, position):
            return position


def _ends_in_backslash(body: bytes, end: int) -> bool:
    return body[max(0, end - 100) : end].rstrip(b" \t\r\n").endswith(b"\\")
