"""Runs the whole shop: each service is a process forked from this one, which imported all modules before.

Seven interpreters that each import aiokafka would take more than two seconds of processor time while Kafka
starts. This process imports it once, and waits for a line on standard input, which means that Kafka runs.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Sequence

from kafkatui.actors import audit, clicks, orders, payments, report, shipping, topics
from kafkatui.actors.program import Actor, run_actor, write_event

Part = tuple[str, Actor, str]
"""(name of the module, its main function, client id)"""

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
    """``python -m kafkatui.actors.shop --bootstrap-servers …``; all services end when its standard input
    closes."""
    arguments = sys.argv[1:]
    lifeline, held = (
        os.pipe()
    )  # services read one end and see its end of file when this process, which has the other, ends
    start = start_by_fork if sys.platform == "linux" else start_anew

    def begin(part: Part) -> int:
        return start(part, arguments, lifeline, held)

    gc.collect()
    gc.freeze()  # the collector must not write to memory that the services share
    if not os.read(0, 4096):
        return
    creating = start(("topics", topics.create, "topics"), arguments, os.dup(0), held)
    if os.waitpid(creating, 0)[1] != 0:
        sys.exit("the topics could not be created")
    write_event(actor="shop", topics=list(topics.SHOP))
    write_event(actor="shop", services={part[2]: begin(part) for part in SERVICES})
    while os.read(0, 4096):
        pass


def start_by_fork(part: Part, arguments: Sequence[str], lifeline: int, held: int) -> int:
    """Start a service in a copy of this process; returns the process id."""
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


def start_anew(part: Part, arguments: Sequence[str], lifeline: int, held: int) -> int:
    """Start a service in a new interpreter, for systems whose libraries do not work after a fork; returns the
    process id."""
    module, _, client_id = part
    command = [sys.executable, "-m", f"kafkatui.actors.{module}", *arguments, "--client-id", client_id]
    return subprocess.Popen(command, stdin=lifeline).pid


if __name__ == "__main__":
    main()
