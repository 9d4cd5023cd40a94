"""Whether an answer is right: by figures, yes or no, and words where those can tell; by a model where one is asked to judge."""
