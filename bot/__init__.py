"""The Rasa assistant: data and components (for .venv-rasa), and what the worker (.venv) runs it with."""
