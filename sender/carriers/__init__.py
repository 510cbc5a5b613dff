"""One small adapter per carrier, all on one protocol."""
