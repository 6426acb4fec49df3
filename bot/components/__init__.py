"""Parts that run inside Rasa, in .venv-rasa: the channel and the components named in config.yml."""
