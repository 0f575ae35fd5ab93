"""kafkatui: shows a Kafka cluster live in the terminal, and starts a real one to learn on."""

__version__ = "0.1.0"
