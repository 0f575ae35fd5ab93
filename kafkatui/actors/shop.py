"""The whole shop: every service a process, all forked from this one, which has imported what they need.

Seven interpreters that each import aiokafka would take more than two seconds of processor time while Kafka
starts. This one imports once, meanwhile, and waits for a line on standard input that says Kafka is there.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Sequence

from kafkatui.actors import audit, clicks, orders, payments, report, shipping, topics
from kafkatui.actors.program import Actor, run_actor, write_event

Part = tuple[str, Actor, str]
"""Module, its actor, client id."""

SERVICES: Sequence[Part] = (
    ("orders", orders.take_orders, "orders"),
    ("payments", payments.charge, "pay-1"),
    ("payments", payments.charge, "pay-2"),
    ("payments", payments.charge, "pay-3"),
    ("clicks", clicks.write_clicks, "clicks"),
    ("shipping", shipping.pack, "ship-1"),
    ("audit", audit.audit, "audit-1"),
    ("report", report.report, "report-1"),
)


def main() -> None:
    """``python -m kafkatui.actors.shop --bootstrap-servers …``; ends all when its standard input closes."""
    arguments = sys.argv[1:]
    lifeline, held = os.pipe()  # every service reads the one end; the other closes with this process
    start = fork if sys.platform == "linux" else run

    def begin(part: Part) -> int:
        return start(part, arguments, lifeline, held)

    gc.collect()
    gc.freeze()  # what the services share stays shared
    if not os.read(0, 4096):
        return
    creating = start(("topics", topics.create, "topics"), arguments, os.dup(0), held)
    if os.waitpid(creating, 0)[1] != 0:
        sys.exit("the topics could not be created")
    write_event(actor="shop", topics=list(topics.SHOP))
    write_event(actor="shop", services={part[2]: begin(part) for part in SERVICES})
    while os.read(0, 4096):
        pass


def fork(part: Part, arguments: Sequence[str], lifeline: int, held: int) -> int:
    """Begin a service in a copy of this process."""
    module, actor, client_id = part
    if pid := os.fork():
        return pid
    code = 1
    try:
        os.close(held)
        os.dup2(lifeline, 0)
        os.close(lifeline)
        run_actor(actor, module, [*arguments, "--client-id", client_id])
        code = 0
    finally:
        os._exit(code)


def run(part: Part, arguments: Sequence[str], lifeline: int, held: int) -> int:
    """Begin a service in a new interpreter, where a forked process may not use the system's libraries."""
    module, _, client_id = part
    command = [sys.executable, "-m", f"kafkatui.actors.{module}", *arguments, "--client-id", client_id]
    return subprocess.Popen(command, stdin=lifeline).pid


if __name__ == "__main__":
    main()
