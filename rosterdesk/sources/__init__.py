"""The `read` stage: bytes of files and servers into tables of text. Nothing here converts, trims or judges a value."""
