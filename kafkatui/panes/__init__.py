"""The four panes: one stream of readings each. They ask Kafka nothing and do not know each other."""
