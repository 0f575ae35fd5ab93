"""Records, their keys and values as text, and the bounded log of the newest records that the tail shows."""
