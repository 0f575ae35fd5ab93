"""The command line: arguments become a `Config`; nothing of Textual is imported before it is needed."""
