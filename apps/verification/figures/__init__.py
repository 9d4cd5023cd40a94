"""The number ledger: every figure of an answer with where it stands or how it was computed. Pure: values in, values out."""
