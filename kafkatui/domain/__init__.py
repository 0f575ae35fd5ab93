"""Facts about Kafka as frozen values, and the arithmetic on them: no input or output, no clock, no Kafka client, no Textual."""
