"""Every Python that finds this file at its start has another monotonic clock: see `tests.elsewhere`."""

import os
import time

SHIFT = float(os.environ["TESTS_MONOTONIC_SHIFT"])

_monotonic, _monotonic_ns = time.monotonic, time.monotonic_ns
time.monotonic = lambda: _monotonic() + SHIFT
time.monotonic_ns = lambda: _monotonic_ns() + int(SHIFT * 1e9)
