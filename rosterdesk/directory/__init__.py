"""The directory: the destination's records, their history, and what may be done with them."""
