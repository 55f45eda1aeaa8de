"""One door for each foreign library that reaches out: `https` and `sftp`. Knows servers, not rosters."""
