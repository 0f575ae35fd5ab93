"""Reading an OAUTHBEARER token (RFC 7519), and a broker's answer to one it refuses (RFC 7628)."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

MOST_SHOWN = 80
"""How many characters of the broker's reason are shown."""


def expires_at(token: str) -> float | None:
    """When the token expires, in seconds since 1970; ``None``: it has no such field, or is no JSON web
    token."""
    parts = token.split(".")
    claims = _object(parts[1].encode()) if len(parts) in (3, 5) else {}
    end = claims.get("exp")
    return float(end) if isinstance(end, (int, float)) and 0 <= end < 2**40 else None


def token_refused(token: str, answer: bytes, now: float) -> str:
    """Why the broker refuses `token`, from its JSON `answer` and the time `now` (seconds since 1970)."""
    end = expires_at(token)
    if end is not None and end <= now:
        try:
            return (
                f"the OAUTHBEARER token expired at {datetime.fromtimestamp(end, UTC):%Y-%m-%d %H:%M:%S} UTC"
            )
        except (OverflowError, ValueError, OSError):
            return "the OAUTHBEARER token expired long ago"
    try:
        reason = json.loads(answer)
    except (ValueError, RecursionError):
        reason = None
    status = reason.get("status") if isinstance(reason, dict) else None
    said = f" ({status[:MOST_SHOWN]})" if isinstance(status, str) else ""
    return f"the OAUTHBEARER token is refused{said}"


def _object(encoded: bytes) -> dict[str, Any]:
    """The JSON object in one part of a token; empty where there is none."""
    try:
        found = json.loads(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
