"""A cluster at one moment, as its brokers describe it: topics, partitions, logs, groups, members."""
