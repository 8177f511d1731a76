"""One exchange with a site as the checks see it: what was asked, what was answered, and what the answer says."""

from __future__ import annotations

from dataclasses import dataclass

from OcciLibrary.occi.answering import raise_for_bulk
from OcciLibrary.occi.model import Message
from OcciLibrary.occi.renderings import read
from OcciLibrary.occi.transport import Answer, printable, shown_url

_SHOWN = 200
_TELLING = ("accept", "content-type", "category", "x-occi-attribute", "user-agent")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Holds a request (header pairs as given, body bytes) and the answer to it."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    answer: Answer

    @property
    def status(self) -> int:
        """Returns the answer's status."""
        return self.answer.status

    @property
    def media_type(self) -> str:
        """Returns the answer's media type in lower case, without parameters; '' when it names none."""
        return self.answer.content_type.partition(";")[0].strip().lower()

    @property
    def succeeded(self) -> bool:
        """Tells whether the answer is a 2xx."""
        return 200 <= self.answer.status < 300

    @property
    def refused(self) -> bool:
        """Tells whether the site refused the request as the client's mistake: a 4xx."""
        return 400 <= self.answer.status < 500

    def message(self) -> Message:
        """Returns what the answer says. Raises RenderingError when it is not OCCI, AnswerOverBounds for a bulk."""
        if self.answer.status == 204:
            return Message()
        raise_for_bulk(self.answer)
        return read(self.answer.content_type, self.answer.headers, self.answer.body, self.answer.url)

    def told(self) -> str:
        """Returns the exchange in a line: method, URL, the telling header fields, and the answer's status and media type."""
        asked = [
            f"{name}: {printable(value, _SHOWN)}" for name, value in self.headers if name.lower() in _TELLING
        ]
        form = f", {printable(self.answer.content_type, 80)}" if self.answer.content_type else ""
        return (
            f"{self.answer.method} {shown_url(self.answer.url)}{f' ({asked[0]})' if len(asked) == 1 else ''}"
            f"{' (' + '; '.join(asked) + ')' if len(asked) > 1 else ''} → "
            f"{self.answer.status} {self.answer.reason}".rstrip()
            + form
        )

    def beginning(self) -> str:
        """Returns how the answer's body begins, for a message."""
        return printable(self.answer.body[: 2 * _SHOWN].decode("utf-8", "replace"), _SHOWN)
