"""Runs in Rasa's environment: `python -m bench.plain_rasa.parse MODEL` loads one NLU model and then parses.

JSON lines: `{"text"}` in, `{"ranking": [[intent, confidence], …], "seconds"}` out; first comes `{"rasa": version}`.
"""

import asyncio
import json
import os
import sys
import time


async def parse_all(agent, answers) -> None:
    """One message after the other until there are no more; `seconds` is Rasa's parse alone."""
    for line in sys.stdin.buffer:
        # Rasa takes what follows a slash for an intent's name; in these data it is a customer's text.
        text = json.loads(line)["text"].strip().lstrip("/ ")
        started = time.perf_counter()
        parsed = await agent.parse_message(text)
        seconds = time.perf_counter() - started
        ranking = [[intent["name"], float(intent["confidence"])] for intent in parsed.get("intent_ranking", ())]
        print(json.dumps({"ranking": ranking, "seconds": seconds}), file=answers, flush=True)


def main() -> None:
    # Rasa and TensorFlow print as they like: what they print goes to the log, answers have a way of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import rasa
    from rasa.core.agent import Agent

    agent = Agent.load(sys.argv[1])
    print(json.dumps({"rasa": rasa.__version__}), file=answers, flush=True)
    asyncio.run(parse_all(agent, answers))


if __name__ == "__main__":
    main()
