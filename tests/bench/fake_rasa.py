"""Stands for Rasa's environment: "trains" by keeping what it was given, "parses" by the first word of a text.

FAKE_RASA in the environment has it fail: "no model", "fails", "hangs", "parser fails", "parser hangs".
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path

HERE, MOOD = Path(__file__).parents[1], os.environ.get("FAKE_RASA", "")


def hang() -> None:
    (HERE / "pid").write_text(str(os.getpid()))
    time.sleep(60)


def train(arguments: list[str]) -> None:
    options = dict(zip(arguments[2::2], arguments[3::2], strict=True))
    assert arguments[:2] == ["train", "nlu"], arguments
    print("\rEpochs:  50%|█| 1/2 [00:01<00:01]", file=sys.stderr)
    if MOOD == "hangs":
        hang()
    if MOOD == "fails":
        sys.exit("no space left on the fake's disk")
    (HERE / "trainings").open("a").write("x")
    for name in ("config.yml", "nlu.json"):
        shutil.copy(name, HERE / name)
    keep = {name: value for name, value in os.environ.items() if name.startswith(("RASA", "OMP", "ODZIV"))}
    (HERE / "environment.json").write_text(json.dumps(keep))
    if MOOD != "no model":
        Path(options["--out"], f"{options['--fixed-model-name']}.tar.gz").write_text("a model")


def parse() -> None:
    if MOOD == "parser hangs":
        hang()
    print(json.dumps({"rasa": "3.fake"}), flush=True)
    for line in sys.stdin:
        word = json.loads(line)["text"].split()[0]
        if MOOD == "parser fails" and word == "return":
            sys.exit("the fake fell over")
        ranking = [] if word == "nothing" else [["nlu_fallback", 0.3], [word, 0.25], ["other", 0.2]]
        print(json.dumps({"ranking": ranking, "seconds": 0.002}), flush=True)


if __name__ == "__main__":
    _, _module, launcher, parent, module, *arguments = sys.argv
    assert (launcher, parent) == ("bot.launch", str(os.getppid())), sys.argv
    train(arguments) if module == "rasa" else parse()
