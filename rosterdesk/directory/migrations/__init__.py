"""The steps by which the tables of a directory came to be what they are; never changed once released."""
