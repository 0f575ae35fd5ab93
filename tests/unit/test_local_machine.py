"""Too little disk, used ports, and the reason in the log of a Java that ended."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from kafkatui.errors import LocalClusterError
from kafkatui.local.machine import check_room, free_ports, last_lines, reason


def test_ports_are_different_and_below_those_of_clients() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(20000 <= port < 32000 for port in ports)


def test_a_full_disk_is_reported_before_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10 * 2**20))
    with pytest.raises(
        LocalClusterError, match=r"300 MB of disk are needed, .* has 10: free some, or set TMPDIR"
    ):
        check_room(tmp_path, 1)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("There is insufficient memory for the Java Runtime Environment", "broker-1: not enough memory"),
        ("java.io.IOException: No space left on device", "broker-1: the disk is full"),
        ("java.net.BindException: Address already in use", "broker-1: its port was taken"),
        ("something else", "broker-1 ended with exit code 3"),
    ],
)
def test_the_cause_in_a_sentence(tmp_path: Path, line: str, said: str) -> None:
    log = tmp_path / "broker-1.log"
    log.write_text(f"first\n{line}\n\tat kafka.Kafka.main\n\nlast\n")
    text, lines = reason("broker-1", log, 3)
    assert text.startswith(said)
    assert lines == ("first", line, "last")


def test_no_log_has_no_lines(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none") == ()
