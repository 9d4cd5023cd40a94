"""Makes the sample documents: `python -m samples.make` writes `samples/files/` anew, byte for byte the same."""
