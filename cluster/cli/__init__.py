"""The command line: one noun a file, against the HTTP API; only `up`, `down` and `status` know of processes."""
