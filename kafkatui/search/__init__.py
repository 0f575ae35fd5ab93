"""Search: the filter language, and the scan of a topic's logs in a process of its own. No Textual in it."""
