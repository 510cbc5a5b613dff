"""Each carrier's error codes in words, one file a carrier."""
