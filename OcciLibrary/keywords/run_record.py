"""What a run says of itself, so that its output.xml alone is a whole record: who tested what with what, and how long it took."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlsplit

from OcciLibrary import __version__
from OcciLibrary.fingerprint import fingerprint
from OcciLibrary.keywords.findings import plain
from OcciLibrary.keywords.site_run import SiteRun
from OcciLibrary.occi.known_secrets import masked
from OcciLibrary.watch import Timeline

INTRODUCTION = "This run: "
REHEARSAL = "sandbox (embedded): a rehearsal on this computer, no cloud site was tested"
_CHANGES = 12


def identity(run: SiteRun) -> dict[str, str]:
    """Returns what is tested, by whom and with what, for the outermost suite's metadata; no secret is in it."""
    settings = run.settings
    known = {"Run": run.run_id, "Library version": __version__, "Site": run.site}
    if settings is not None:
        known["Site"] = settings.site_name or run.site
        known["Endpoint"] = REHEARSAL if run.is_embedded else _without_secrets(settings.occi_endpoint)
        known["Tester"] = settings.tester
        known["Server"] = _shown(run.server)
        known["Implementation"] = run.implementation
        known["VM"] = _shown(f"{settings.vm_id}, {run.vm_left}" if run.vm_left else settings.vm_id)
    return {name: masked(value) for name, value in known.items() if value}


def introduction(run: SiteRun) -> str:
    """Returns the line that tells a run's identity at its beginning: a run that is killed writes no metadata."""
    return INTRODUCTION + json.dumps(identity(run), ensure_ascii=False)


def fingerprint_of(source: Path | str | None) -> dict[str, str]:
    """Returns a suite file's fingerprint for its metadata; nothing for a folder."""
    path = Path(source) if source else None
    found = fingerprint(path) if path is not None and path.is_file() else ""
    return {"Fingerprint": found} if found else {}


def transition_times(timeline: Timeline, action: str) -> str:
    """Returns when what was seen, in seconds since the action, for a test's metadata.

    For instance `start: state inactive -0.004 s, active +0.402 s; echo silent -0.003 s, answers +0.511 s`. Of many changes
    the first ones and the last are told.
    """
    zero = timeline.marks[0].at if timeline.marks else 0.0
    lanes = []
    for lane in timeline.lanes:
        spans = lane.spans if len(lane.spans) <= _CHANGES else (*lane.spans[: _CHANGES - 1], lane.spans[-1])
        if changes := ", ".join(f"{_word(span.value)} {span.first - zero:+.3f} s" for span in spans):
            lanes.append(f"{lane.name} {changes}")
    return f"{action}: {'; '.join(lanes)}" if action and lanes else ""


def _word(value: str) -> str:
    """Returns a value in which nothing looks like the end of it."""
    return plain(" ".join(value.translate(dict.fromkeys(map(ord, ",;"), " ")).split()))


def _shown(text: str) -> str:
    # Masked first: what breaks links may stand in the middle of a secret.
    return plain(masked(text))


def _without_secrets(endpoint: str) -> str:
    """Returns an endpoint without user name, password and query."""
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
