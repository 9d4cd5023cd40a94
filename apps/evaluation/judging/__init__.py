"""The connected model asked to judge: whether an answer is right, how good one is, and which of two is better."""
