"""A small shop as services on a bus: aiokafka programs as one would write them, each a process of its own.

::

    orders → payments service → payments → shipping service → shipments
    clicks (many, without keys)     audit service: reads everything, as a group of its own → audit

One runs by itself too: ``python -m kafkatui.actors.payments --bootstrap-servers localhost:9092``. Each
says what it does in JSON lines, and ends when its standard input closes. ``topics`` comes first, ``shop``
runs them all.
"""
