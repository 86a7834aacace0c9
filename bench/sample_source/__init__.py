"""The text from which the sample business is built: an invented shop, written for this repository."""
