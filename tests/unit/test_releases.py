"""Which release a level of ``metadata.version`` belongs to."""

import pytest

from kafkatui.domain.cluster.releases import release_of


@pytest.mark.parametrize(
    ("level", "release"),
    [
        (-1, None), (0, None), (1, "3.0"), (14, "3.6"), (15, "3.7"), (21, "3.9"), (27, "4.1"), (29, "4.2"),
        (30, "4.3"), (31, "4.3+"), (32767, "4.3+"),
    ],
)  # fmt: skip
def test_release(level: int, release: str | None) -> None:
    assert release_of(level) == release
