"""Weather: what befalls any network and any busy server, and must not change a verdict about the VM."""

from __future__ import annotations

import email.utils
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from OcciLibrary.occi.infrastructure import COMPUTE
from OcciLibrary.occi.model import AttributeValue
from OcciLibrary.sandbox.conduct import Conduct
from OcciLibrary.sandbox.exchange import Answer, RefusedError, Request
from OcciLibrary.sandbox.fault import WEATHER, Fault, fixed
from OcciLibrary.sandbox.virtual_machine import VirtualMachine
from OcciLibrary.sandbox.weather import Treatment, Weather

REQUESTS_A_SECOND = 20
A_DAY = 86400.0
REQUESTS_PER_NONCE = 50


class _Nth:
    """Counts what it is asked about, and says yes to some of the numbers."""

    def __init__(self, *numbers: int) -> None:
        self._numbers = numbers
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self) -> bool:
        with self._lock:
            self._count += 1
            return self._count in self._numbers


def _is_query(method: str, target: str) -> bool:
    return method == "GET" and target.startswith(COMPUTE.location) and target != COMPUTE.location


def _is_action(term: str) -> Callable[[str, str], bool]:
    return lambda method, target: method == "POST" and target.endswith(f"?action={term}")


def _is_update(method: str, target: str) -> bool:
    return method in ("POST", "PUT") and "?" not in target


def _befalls(
    treatment: Treatment, concerned: Callable[[str, str], bool], *numbers: int
) -> Callable[[], Conduct]:
    """Returns the conduct of a site on which some of the requests concerned are treated so, by their numbers."""

    def make() -> Conduct:
        due = _Nth(*numbers)

        def treat(method: str, target: str) -> Treatment:
            return treatment if concerned(method, target) and due() else Treatment.PASS

        return Conduct(weather=lambda: Weather(treat))

    return make


def _answered(
    status: HTTPStatus, retry_after: int, concerned: Callable[[str, str], bool], *numbers: int
) -> Callable[[], Conduct]:
    """Returns the conduct of a site that answers some of the requests concerned with a status, and Retry-After."""

    def make() -> Conduct:
        due = _Nth(*numbers)

        def instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
            action = f"?action={request.action}" if request.action else ""
            if concerned(request.method, request.path + action) and due():
                headers = {"Retry-After": str(retry_after)} if retry_after else {}
                raise RefusedError(status, "Busy, come back in a moment.", headers)
            return None

        return Conduct(instead=instead)

    return make


def _away_after(term: str, seconds: float) -> Conduct:
    """Returns the conduct of a site that nobody can connect to for so long after an action."""
    is_action = _is_action(term)
    return Conduct(
        weather=lambda: Weather(away=lambda method, target: seconds if is_action(method, target) else 0.0)
    )


def _login_lost_after(action: str) -> Callable[[], Conduct]:
    """Returns the conduct of a site that refuses everybody's login once an action was taken."""

    def make() -> Conduct:
        lost = threading.Event()

        def instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
            if lost.is_set():
                raise RefusedError(HTTPStatus.UNAUTHORIZED, "Your account is gone.")
            return None

        def performed(vm: VirtualMachine, term: str, attributes: Mapping[str, AttributeValue]) -> None:
            if term == action:
                lost.set()

        return Conduct(instead=instead, performed=performed)

    return make


def _rate_limited() -> Conduct:
    """Returns the conduct of a site that answers 429 to more than REQUESTS_A_SECOND."""
    lock = threading.Lock()
    recent: list[float] = []

    def instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
        now = time.monotonic()
        with lock:
            recent[:] = [moment for moment in recent if now - moment < 1.0]
            if len(recent) >= REQUESTS_A_SECOND:
                raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests.", {"Retry-After": "1"})
            recent.append(now)
        return None

    return Conduct(instead=instead)


def _expiring_login() -> Conduct:
    """Returns the conduct of a site that wants digest authentication and forgets its nonce now and then (RFC 7616 §3.3)."""
    lock = threading.Lock()
    asked: list[int] = [0]

    def instead(request: Request, vm: VirtualMachine | None) -> Answer | None:
        with lock:
            asked[0] += 1
            epoch = asked[0] // REQUESTS_PER_NONCE
        login = str(request.environ.get("HTTP_AUTHORIZATION", ""))
        nonce = f"sandbox-{epoch}"
        # The one before is still good: else a client could be challenged twice in a row.
        if not any(f'nonce="sandbox-{good}"' in login for good in (epoch, epoch - 1)):
            challenge = f'Digest realm="sandbox", nonce="{nonce}", qop="auth", algorithm=SHA-256, stale=true'
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "Who are you?", {"WWW-Authenticate": challenge})
        return None

    return Conduct(instead=instead)


def _clock_off(request: Request, answer: Answer) -> Answer:
    date = email.utils.formatdate(time.time() + A_DAY, usegmt=True)
    return Answer(answer.status, answer.content_type, (*answer.headers, ("Date", date)), answer.body)


def _closing(request: Request, answer: Answer) -> Answer:
    return Answer(answer.status, answer.content_type, (*answer.headers, ("Connection", "close")), answer.body)


_BUSY, _BROKEN = HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INTERNAL_SERVER_ERROR
# The first queries of a run come from its beginning, those from the tenth on from a watch.
WEATHER_FAULTS = (
    Fault("weather-reset", "The first query for the VM is reset.", WEATHER, _befalls(Treatment.RESET, _is_query, 1)),
    Fault("weather-reset-later", "Some single queries for the VM are reset.", WEATHER,
          _befalls(Treatment.RESET, _is_query, 4, 25, 60, 110)),
    Fault("weather-answer-to-start-lost", "The connection is reset while the action start is answered.", WEATHER,
          _befalls(Treatment.LOSE, _is_action("start"), 1)),
    Fault("weather-answer-to-update-lost", "The connection is reset while an update is answered.", WEATHER,
          _befalls(Treatment.LOSE, _is_update, 2)),
    Fault("weather-cut", "Some single answers are cut in the middle.", WEATHER,
          _befalls(Treatment.CUT, _is_query, 2, 30, 70)),
    Fault("weather-busy", "One query for the VM is answered 503 with Retry-After.", WEATHER,
          _answered(_BUSY, 1, _is_query, 2)),
    Fault("weather-busy-action", "The first action stop is answered 503 with Retry-After.", WEATHER,
          _answered(_BUSY, 1, _is_action("stop"), 1)),
    Fault("weather-busy-update", "The first update is answered 503 with Retry-After.", WEATHER,
          _answered(_BUSY, 1, _is_update, 1)),
    Fault("weather-broken-sample", "Some single queries of a watch end in 500.", WEATHER,
          _answered(_BROKEN, 0, _is_query, 24, 60, 110)),
    Fault("weather-rate-limit", f"More than {REQUESTS_A_SECOND} requests a second are answered 429.", WEATHER, _rate_limited),
    fixed("lost-in-restart", "Nobody can connect to the site any more once the VM restarts.", "4.3",
          _away_after("restart", A_DAY)),
    fixed("away-in-restart", "Nobody can connect to the site for 3 s while the VM restarts.", "4.4",
          _away_after("restart", 3.0)),
    Fault("login-lost-in-restart", "Every login is refused with 401 once the VM restarts.", "4.3",
          _login_lost_after("restart")),
    Fault("weather-login-expires", f"A digest login has to be renewed after {REQUESTS_PER_NONCE} requests, by 401.", WEATHER,
          _expiring_login),
    fixed("weather-clock", "The site's clock is a day ahead.", WEATHER, Conduct(afterwards=_clock_off)),
    fixed("weather-slow-connect", "Every connection takes 0.3 s.", WEATHER,
          Conduct(weather=lambda: Weather(connect_seconds=0.3))),
    fixed("weather-slow-answers", "Every answer takes 0.05 s.", WEATHER,
          Conduct(weather=lambda: Weather(answer_seconds=0.05))),
    fixed("weather-closing", "Every connection is closed after one answer.", WEATHER, Conduct(afterwards=_closing)),
)  # fmt: skip
