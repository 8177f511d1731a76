"""When a token expires, where it says so itself: access tokens of OpenID providers are JSON Web Tokens (RFC 7519)."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone


def expired(token: str, now: datetime | None = None) -> str:
    """Returns a phrase when a token says that it has expired, else ''; its signature is the site's business."""
    end = _expiry(token)
    if end is None or end > (now or datetime.now(timezone.utc)):
        return ""
    return f"The token in the environment variable OCCI_TOKEN expired on {end:%Y-%m-%d} at {end:%H:%M} UTC: get a new one"


def _expiry(token: str) -> datetime | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(float(claims["exp"]), timezone.utc)
    except (ValueError, TypeError, KeyError, OverflowError, OSError, RecursionError):
        return None
