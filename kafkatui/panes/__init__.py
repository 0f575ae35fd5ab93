"""The four panes: one file and one stream of readings each. They ask Kafka nothing and know nothing of each other."""
