"""Rasa's command line, run in `.venv-rasa` in its place: `python -m bot.rasa_program train …`.

The library that saves and loads classifiers (skops) looks through every loaded module when it is first imported: beside
TensorFlow's thousands that takes eight seconds, before them one. Imports and training data are a million objects that
stay: Python looks for garbage among them less often.
"""

import gc
import importlib
import runpy
import sys

if __name__ == "__main__":
    gc.set_threshold(100_000, 20, 20)
    importlib.import_module("skops.io")
    sys.argv[0] = "rasa"
    runpy.run_module("rasa", run_name="__main__", alter_sys=True)
