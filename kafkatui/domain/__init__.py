"""Facts about Kafka as frozen values, and the arithmetic on them.

No input or output, no clock, no Kafka client, no Textual: the standard library only.
"""
