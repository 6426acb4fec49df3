"""`python -m bench.dialogues`: short conversations with the running product, its real Rasa included.

Reads tests/data/dialogues/<language>.yml, or another --folder: dialogues_further has short follow-ups. A dialogue
passes when every turn with an `expect` got such a reaction: of that kind, from that article, in that language where one
is named. An accepted handoff ends it. Where an answer is expected and the bot asks "did you mean", the customer presses
the right choice if it is there, once for each question, and the dialogue goes on from that answer; how many dialogues
needed no such press is told beside. With --follow-ups, the knowledge base alone is asked what tests/data/follow_ups
(or another --folder of that kind) has of short messages after an answer; see bench/parts/follow_ups.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import yaml

from actions.replies import text_for
from bench.parts.customer import Customer, Message, read_articles
from bench.parts.follow_ups import print_follow_ups
from bench.parts.product import ROOT, NotStarted, Product, stop_tidily
from bench.parts.verdicts import as_list
from bench.parts.wording import LANGUAGES

FOLDER = ROOT / "tests" / "data" / "dialogues"
FOLLOW_UPS = ROOT / "tests" / "data" / "follow_ups" / "test"
PASSED = 0.85  # of the dialogues, wanted at every turn without the press of a choice
OPEN_QUESTIONS = ("rephrase", "not_helped", "say_more", "off_topic")


def react(customer: Customer, turn: dict[str, Any]) -> list[Message]:
    """Return what came back to what the customer said or pressed. Raises KeyError when there is no such button."""
    return customer.say(turn["say"] if "say" in turn else customer.button(kind=turn["press"]))


def right_choice(customer: Customer, turn: dict[str, Any]) -> str | None:
    """Return the expected article when an answer was expected and it is one of the choices offered instead."""
    expect = turn.get("expect") or {}
    wanted = as_list(expect.get("article") or []) if "answer" in as_list(expect.get("kind")) else []
    titles = [button["title"] for button in customer.buttons if button["kind"] == "choice"]
    return next((article for title in titles if (article := read_articles().get(title)) in wanted), None)


def kind_of(messages: Iterable[dict[str, Any]]) -> str:
    """answer, choices, open_question, talk, handoff, or nothing."""
    kind = "nothing"
    questions = {text_for(key, language) for key in OPEN_QUESTIONS for language in LANGUAGES}
    for message in messages:
        if message["sender"] == "system":
            return "handoff"
        if message.get("answer"):
            kind = "answer"
        elif any(button["kind"] == "choice" for button in message.get("buttons") or ()):
            kind = "choices"
        else:
            kind = "open_question" if message["text"] in questions else "talk"
    return kind


def fault(turn: dict[str, Any], messages: list[dict[str, Any]]) -> str | None:
    """Why the reaction is not what was expected; None when it is."""
    expect, kind = turn["expect"], kind_of(messages)
    if kind not in as_list(expect["kind"]):
        return f"{kind} instead of {expect['kind']}"
    answers = [message["answer"] for message in messages if message.get("answer")]
    if kind == "answer" and "article" in expect and answers[0]["article"] not in as_list(expect["article"]):
        return f"{answers[0]['article']} instead of {expect['article']}"
    if kind == "answer" and "language" in turn and answers[0]["language"] != turn["language"]:
        return f"in {answers[0]['language']} instead of {turn['language']}"
    return None


def run(client: httpx.Client, language: str, dialogue: dict[str, Any]) -> tuple[str | None, int]:
    """Why the dialogue failed, at which turn (None when it passed), and how many choices the customer had to press."""
    customer, presses = Customer(client, language), 0
    for turn in dialogue["turns"]:
        try:
            messages = react(customer, turn)
            if choice := right_choice(customer, turn):
                presses += 1
                messages = customer.say(customer.button(article=choice))
        except KeyError as missing:
            return f"no button {missing}", presses
        if "expect" in turn and (why := fault(turn, messages)):
            return f"{turn.get('say') or turn}: {why}", presses
        if kind_of(messages) == "handoff":
            break
    return None, presses


def main() -> int:
    """Returns 0 when enough dialogues passed, 1 when not, 2 when the product did not start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prepared", type=Path, default=ROOT / "var", help="data folder with a model and an index")
    parser.add_argument("--folder", type=Path, help="dialogues, or follow-ups: a file a language")
    parser.add_argument("--follow-ups", action="store_true", help="messages after an answer, without Rasa")
    parser.add_argument("--json", type=Path, help="also write the outcomes here")
    options = parser.parse_args()
    if options.follow_ups:
        print_follow_ups(options.folder or FOLLOW_UPS)
        return 0
    stop_tidily()
    outcomes: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="odziv-bench-") as folder:
        try:
            with (
                Product(Path(folder), options.prepared) as product,
                httpx.Client(base_url=product.url, timeout=30.0, trust_env=False) as client,
            ):
                for language in LANGUAGES:
                    for dialogue in yaml.safe_load(((options.folder or FOLDER) / f"{language}.yml").read_text("utf-8")):
                        why, presses = run(client, language, dialogue)
                        outcome = {"language": language, "name": dialogue["name"], "fault": why, "presses": presses}
                        outcomes.append(outcome)
        except NotStarted as error:
            print(error)
            return 2
    for language in LANGUAGES:
        own = [outcome for outcome in outcomes if outcome["language"] == language]
        print(f"{language}: {sum(outcome['fault'] is None for outcome in own)} of {len(own)} dialogues passed")
        for outcome in own:
            if outcome["fault"]:
                print(f"    {outcome['name']}\n        {outcome['fault']}")
    share = sum(outcome["fault"] is None for outcome in outcomes) / max(len(outcomes), 1)
    alone = sum(outcome["fault"] is None and not outcome["presses"] for outcome in outcomes) / max(len(outcomes), 1)
    print(f"together {share:.1%}; {alone:.1%} without the press of a choice, wanted {PASSED:.0%}")
    if options.json:
        options.json.write_text(json.dumps(outcomes, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0 if alone >= PASSED else 1


if __name__ == "__main__":
    sys.exit(main())
