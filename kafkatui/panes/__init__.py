"""The four panes. Each shows the newest readings of its streams; it asks Kafka nothing itself and does not
know the other panes.
"""
