"""The model service: chooses a model that fits the machine and serves it with vLLM. Knows nothing of the application."""
