"""Widgets that know nothing about Kafka."""
