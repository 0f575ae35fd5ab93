"""Why there is no Kafka at an address, in words, and what to do about it."""

from dataclasses import dataclass

from kafkatui.config import Address, Config
from kafkatui.errors import ClusterError
from kafkatui.kafka.faults import words


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address that was tried."""

    address: str
    """As tried, resolved: ``[::1]:9092``; the name itself where it does not resolve."""
    outcome: str
    """What came back, in words."""
    advice: str | None = None
    """What to do about it; ``None``: nothing better than to look whether Kafka runs."""


class ConnectError(ClusterError):
    """No Kafka was found; `attempts` says where, and why."""

    def __init__(self, config: Config, attempts: tuple[Attempt, ...]) -> None:
        self.attempts = attempts
        reasons = dict.fromkeys(attempt.outcome for attempt in attempts)
        super().__init__(f"no Kafka at {', '.join(config.bootstrap_servers)}: {'; '.join(reasons)}")


async def diagnose(cluster: object, address: Address, error: BaseException) -> tuple[Attempt, ...]:
    return (Attempt(str(address), words(error)),)
