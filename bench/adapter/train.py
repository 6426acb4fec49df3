"""`python -m bench.adapter.train --out FILE.npz`: learn an adapter from the library's topics (some hours on one core).

Texts of one topic are to lie near each other and to what the topic is about, texts of its neighbours apart. What the
encoder makes of other texts is to stay: their likeness to each other is compared with what it was at every step. One
topic in five is held out, and judged as learning goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import frontmatter
import numpy as np
import torch
from torch.nn import functional

from bench.adapter.layers import AdaptedE5, read_encoder_file, tokenized
from kb.knowledge import OFF_TOPIC, read_off_topic
from kb.sources.library import LIBRARY, read_library
from kb.vectors.embedded import DOCUMENT_PROMPT, QUERY_PROMPT

ROOT = Path(__file__).parents[2]
LANGUAGES = ("sl", "hr", "pl", "en")
HELD_OUT_ONE_IN, TOPICS_A_STEP, NEIGHBOURS, TEXTS_A_TOPIC, KEPT_A_STEP = 5, 24, 2, 4, 24
TEMPERATURE, RATE, DECAY = 0.05, 1e-3, 0.01
KEEP = 4.0  # what keeping the likeness of other texts counts for


@dataclass(frozen=True)
class Matter:
    """What customers ask about: questions by language, sentences on it, and what it is easily taken for."""

    asked: dict[str, list[str]]
    about: list[str]
    near: tuple[str, ...]


def read_matters(topics: Path | None) -> dict[str, Matter]:
    """Return the library's topics, and those of `topics` (JSON Lines of made-up companies), by name."""
    matters = {
        name: Matter(
            {language: list(words.asked) for language, words in topic.words.items()},
            [f"{words.name}. {words.about}" for words in topic.words.values()],
            tuple(topic.near),
        )
        for name, topic in read_library(LIBRARY).items()
    }
    for line in topics.read_text("utf-8").splitlines() if topics else ():
        row = json.loads(line)
        matter = matters.setdefault(f"made-up/{row['topic']}", Matter({}, [], ()))
        matter.asked[row["lang"]] = [*row["direct"], *row["oblique"]]
        matter.about.append(f"{row['title']}. {row['passage']}")
    return matters


def is_held_out(name: str) -> bool:
    """Return whether nothing is learnt from a topic; the same each time."""
    return hashlib.sha256(name.encode()).digest()[0] % HELD_OUT_ONE_IN == 0


def read_kept() -> list[str]:
    """Return texts that are about something else, or are no questions: with their prefixes."""
    sentences = [QUERY_PROMPT + text for texts in read_off_topic(OFF_TOPIC, LANGUAGES).values() for text in texts]
    articles = [frontmatter.loads(path.read_text("utf-8")) for path in sorted((ROOT / "kb/articles").rglob("*.md"))]
    passages = [part for article in articles for part in article.content.split("\n\n")]
    docs = [part for path in sorted((ROOT / "docs").glob("*.md")) for part in path.read_text("utf-8").split("\n\n")]
    return sentences + [DOCUMENT_PROMPT + part for part in passages + docs if 40 < len(part) < 600]


class Steps:
    """Draws what each step learns from."""

    def __init__(self, matters: dict[str, Matter], kept: list[str]) -> None:
        self._matters, self._kept = {n: m for n, m in matters.items() if not is_held_out(n)}, kept
        self._names = sorted(self._matters)
        self._chance = np.random.default_rng(0)

    def draw(self) -> tuple[list[str], list[int], list[str], list[str]]:
        """Return questions, the number of each one's topic, a sentence on each topic, and texts to keep."""
        chosen: list[str] = []
        while len(chosen) < TOPICS_A_STEP:
            name = self._names[self._chance.integers(len(self._names))]
            near = [other for other in self._matters[name].near if other in self._matters]
            picked = list(self._chance.permutation(near)[:NEIGHBOURS]) if near else []
            chosen += [each for each in (name, *picked) if each not in chosen]
        texts, owners, about = [], [], []
        for number, name in enumerate(chosen):
            matter = self._matters[name]
            languages = list(matter.asked)
            for _ in range(TEXTS_A_TOPIC):
                asked = matter.asked[languages[self._chance.integers(len(languages))]]
                texts.append(QUERY_PROMPT + asked[self._chance.integers(len(asked))])
                owners.append(number)
            about.append(DOCUMENT_PROMPT + matter.about[self._chance.integers(len(matter.about))])
        return texts, owners, about, [self._kept[k] for k in self._chance.integers(len(self._kept), size=KEPT_A_STEP)]


def loss_of(
    model: AdaptedE5, questions: list[list[int]], owners: Sequence[int], about: list[list[int]], kept: list[list[int]]
) -> torch.Tensor:
    """Return what is wrong; each argument but `owners` is windows of token numbers."""
    topics = len(about)
    asked, about, found = model(questions), model(about), model(kept)
    owner = torch.tensor(owners)
    same = owner[:, None] == owner[None, :]
    itself = torch.eye(len(owner), dtype=torch.bool)
    likeness = (asked @ asked.T / TEMPERATURE).masked_fill(itself, -1e4)
    chances = functional.log_softmax(torch.cat([likeness, asked @ about.T / TEMPERATURE], dim=1), dim=1)
    is_right = torch.cat([same & ~itself, owner[:, None] == torch.arange(topics)[None, :]], dim=1)
    alike = -(chances * is_right).sum(1) / is_right.sum(1)
    with torch.no_grad():
        model.is_adapted = False
        before = model(kept)
        model.is_adapted = True
    moved = (1 - (found * before).sum(1)).mean() * 10
    now, then = (functional.log_softmax(each @ each.T / TEMPERATURE, 1) for each in (found, before))
    order = functional.kl_div(now, then, reduction="batchmean", log_target=True)
    return alike.mean() + KEEP * (order + moved)


@torch.no_grad()
def judge(model: AdaptedE5, matters: dict[str, Matter], tokens) -> dict[str, float]:
    """Return, by language, how many questions on held-out topics have another one of their topic nearest to them."""
    held, shares = sorted(name for name in matters if is_held_out(name)), {}
    chance = np.random.default_rng(1)
    for language in LANGUAGES:
        rows = [(number, text) for number, name in enumerate(held) for text in pick(matters[name], language, chance)]
        windows = [tokens(QUERY_PROMPT + text) for _, text in rows]
        vectors = torch.cat([model(windows[at : at + 64]) for at in range(0, len(windows), 64)])
        vectors = functional.normalize(vectors - vectors.mean(0), dim=1)
        likeness = (vectors @ vectors.T).fill_diagonal_(-1)
        owner = torch.tensor([number for number, _ in rows])
        shares[language] = round(float((owner[likeness.argmax(1)] == owner).float().mean()), 4)
    return shares


def pick(matter: Matter, language: str, chance: np.random.Generator) -> list[str]:
    """Return eight questions on a matter, or as many as there are."""
    asked = matter.asked.get(language, [])
    return [asked[number] for number in chance.permutation(len(asked))[:8]]


def save(model: AdaptedE5, path: Path) -> None:
    """Write the adapter's matrices, in 16 bits."""
    parts = {f"down_{key}": value.detach().half().numpy() for key, value in model.down.items()}
    parts |= {f"up_{key}": value.detach().half().numpy() for key, value in model.up.items()}
    np.savez(path, **parts)


def main() -> None:
    """Learns, prints a line now and then, and writes the file each time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--topics", type=Path, help="topics.jsonl of made-up companies, learnt from as well")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--every", type=int, default=100, help="steps between two judgements")
    options = parser.parse_args()
    torch.manual_seed(0)
    file = read_encoder_file()
    model, tokens = AdaptedE5(file), tokenized(file)
    matters = read_matters(options.topics)
    steps = Steps(matters, read_kept())
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=options.steps, pct_start=0.1)
    began, losses = time.monotonic(), []
    print("before", judge(model, matters, tokens), flush=True)
    for step in range(1, options.steps + 1):
        texts, owners, about, kept = steps.draw()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, [*map(tokens, texts)], owners, [*map(tokens, about)], [*map(tokens, kept)])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        rate.step()
        losses.append(float(loss.detach()))
        if step % 10 == 0:
            print(f"step {step}, loss {np.mean(losses[-10:]):.3f}, {time.monotonic() - began:.0f} s", flush=True)
        if step % options.every == 0:
            print(f"after {step}", judge(model, matters, tokens), flush=True)
            save(model, options.out.with_name(f"{options.out.stem}-{step}.npz"))


if __name__ == "__main__":
    main()
