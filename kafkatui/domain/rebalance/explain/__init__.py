"""Sentences that say what happened and why."""
