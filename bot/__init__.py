"""The Rasa assistant: data and components (for .venv-rasa), and what the web process (.venv) runs it with."""
