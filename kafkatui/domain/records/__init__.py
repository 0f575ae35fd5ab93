"""Records, what is in them, and the bounded log of the newest."""
