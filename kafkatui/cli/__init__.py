"""The command line: it makes a `Config` from the arguments; Textual is imported only when it is needed."""
