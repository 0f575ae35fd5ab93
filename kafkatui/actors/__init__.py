"""A small shop of services that exchange records: ordinary aiokafka programs, each in a process of its own.

::

    orders → payments service → payments → shipping service → shipments
    clicks (many, without keys)     audit service: reads everything, as a group of its own → audit

Each can be run alone: ``python -m kafkatui.actors.payments --bootstrap-servers localhost:9092``. Each writes
what happens as JSON lines, and ends when its standard input closes. ``topics`` must run before the others;
``shop`` runs them all.
"""
