"""What an OAUTHBEARER token tells of itself (RFC 7519), and a broker of one it refuses (RFC 7628)."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

MOST_SHOWN = 80
"""Characters of what the broker says."""


def expires_at(token: str) -> float | None:
    """When the token ends, in seconds since 1970; ``None``: it does not tell, or is no JSON web token."""
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
        told = json.loads(answer)
    except (ValueError, RecursionError):
        told = None
    status = told.get("status") if isinstance(told, dict) else None
    said = f" ({status[:MOST_SHOWN]})" if isinstance(status, str) else ""
    return f"the OAUTHBEARER token is refused{said}"


def _object(encoded: bytes) -> dict[str, Any]:
    """The JSON object in a part of a token; nothing where there is none."""
    try:
        found = json.loads(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
