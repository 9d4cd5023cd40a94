"""Answers of the connected model, measured on questions whose answers are known."""
