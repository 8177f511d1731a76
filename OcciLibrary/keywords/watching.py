"""Joins a site's OCCI state, echo service and ping to a watch with connections of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from robot.api import logger

from OcciLibrary.keywords.state_words import as_worded, capitals_remark, read_word
from OcciLibrary.occi.errors import OcciError
from OcciLibrary.occi.request_errors import LoginRefused, NotSent, RequestRefused, SiteUnreachable
from OcciLibrary.probes import Ping, glance
from OcciLibrary.watch import Sampler, Timeline, Watch

if TYPE_CHECKING:
    from OcciLibrary.keywords.site_file import SiteSettings
    from OcciLibrary.occi.client import OcciClient


class StateSampler:
    """Asks the site for the VM's state once per call; never raises for what a site does."""

    def __init__(self, client: OcciClient, url: str, remark: Callable[[str], None]) -> None:
        self._client = client
        self._url = url
        self._remark = remark

    def __call__(self) -> tuple[str, str, float | None]:
        """Returns the state (or why there is none, in parentheses), a detail, and how long to leave the site alone."""
        try:
            worded = as_worded(self._client.get(self._url))
        except NotSent as problem:
            return "(no answer)", str(problem), None
        except SiteUnreachable as problem:
            return "(cut off)", str(problem), None  # the site took the request, so it is there
        except LoginRefused as problem:
            return "(login refused)", str(problem), None
        except RequestRefused as refusal:
            value = "(not found)" if refusal.status in (404, 410) else "(refused)"
            return value, str(refusal), refusal.retry_after
        except OcciError as problem:
            return "(no state)", str(problem), None
        return (*self._read(worded), None)

    def _read(self, worded: str) -> tuple[str, str]:
        if not worded:
            return "(no state)", "The VM is rendered without occi.compute.state."
        if worded.startswith("("):
            return f"'{worded}'", ""  # parentheses are for what is no state: a site cannot claim that
        state = read_word(worded)
        if state == worded:
            return state, ""
        self._remark(capitals_remark(worded))
        return state, f"spelt '{worded}'"

    def close(self) -> None:
        """Closes the sampler's connection."""
        self._client.close()


def watch_vm(client: OcciClient, url: str, settings: SiteSettings, remark: Callable[[str], None]) -> Watch:
    """Returns a watch of one VM, not yet started: lanes state, echo and (where it can be had) ping.

    `remark` is called with a sentence, from the watch's thread, when the site's wording of a state deviates.
    """
    lanes: dict[str, Sampler] = {"state": StateSampler(client.clone(timeout=10.0), url, remark)}
    if settings.echo_host:
        lanes["echo"] = lambda: glance(settings.echo_host, settings.echo_port)
    if settings.ping_host:
        ping = Ping(settings.ping_host)
        if ping.available:
            lanes["ping"] = ping.glance
        else:
            logger.info(f"The watch does without ping: {ping.unavailable_because}")
    return Watch(lanes)


def now_seen(timeline: Timeline) -> str:
    """Returns what each lane shows last, for instance `state inactive, echo silent`."""
    return ", ".join(f"{lane.name} {lane.spans[-1].value}" for lane in timeline.lanes if lane.spans)
