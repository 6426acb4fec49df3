"""Run with .venv-rasa: prints the intent Rasa's model finds for each line of JSON on standard input.

python -m tests.bot.read_intents MODEL < messages
"""

import asyncio
import json
import sys


async def read_intents(model: str) -> None:
    from rasa.core.agent import Agent

    agent = Agent.load(model)
    for line in sys.stdin:
        parsed = await agent.parse_message(json.loads(line))
        print(json.dumps(parsed["intent"]["name"]))


if __name__ == "__main__":
    asyncio.run(read_intents(sys.argv[1]))
