"""What happened in a group: who owned which partition when, and each rebalance in between."""
