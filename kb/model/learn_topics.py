"""`python -m kb.model.learn_topics`: learn the library's topics from its phrasings, and keep what was learnt.

Takes some minutes, the first time most of it for embedding. What was embedded is kept in the folder named by --cache,
so that the next run embeds only what changed.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kb.knowledge import OFF_TOPIC, read_off_topic
from kb.model.phrasings import STRANGER
from kb.model.topic_regression import learn_regression
from kb.model.topics import LEARNT, TopicModel, centred
from kb.sources.library import LIBRARY, Topic, read_library
from kb.vectors.encoder import encoder_identity, load_encoder
from kb.vectors.index import VectorIndex

STRANGER_WEIGHT = 8.0  # of a sentence about nothing here: there are few, and customers write endless others


def learn(
    topics: dict[str, Topic], off_topic: Mapping[str, Sequence[str]], index: VectorIndex, encoder: str
) -> TopicModel:
    """Return the model of these topics, and of sentences (by language) about none; `index` embeds the phrasings."""
    rows = [
        (number, language, text)
        for number, topic in enumerate(topics.values())
        for language, words in topic.words.items()
        for text in dict.fromkeys((words.name, *words.asked))
    ]
    rows += [(STRANGER, language, text) for language, texts in off_topic.items() for text in texts]
    labels = np.array([number for number, _, _ in rows])
    languages = np.array([language for _, language, _ in rows])
    texts = [text for _, _, text in rows]
    vectors = index.vectors("query", texts)
    means = {str(name): vectors[languages == name].mean(axis=0) for name in np.unique(languages)}
    features = centred(vectors, list(languages), means)
    weight = np.append(np.ones(len(topics), dtype=np.float32), np.float32(STRANGER_WEIGHT))
    labels = np.where(labels == STRANGER, len(topics), labels)
    learnt = learn_regression(features, texts, labels, weight)
    names = {language: [name_of(topic, language) for topic in topics.values()] for language in means}
    return TopicModel(tuple(topics), encoder, learnt.weights, means, learnt.pieces, names)


def name_of(topic: Topic, language: str) -> str:
    """Return what a topic is called in a language; empty where it has no words in it."""
    return topic.words[language].name if language in topic.words else ""


def main() -> None:
    """Reads the library, learns, and writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path("var/library"), help="where vectors are kept (var/library)")
    parser.add_argument("--out", type=Path, default=LEARNT, help="the file to write (kb/library/learnt.npz)")
    options = parser.parse_args()
    began = time.monotonic()
    topics, encoder = read_library(LIBRARY), load_encoder()
    index = VectorIndex(options.cache, encoder)
    languages = sorted({language for topic in topics.values() for language in topic.words})
    model = learn(topics, read_off_topic(OFF_TOPIC, languages), index, encoder_identity(encoder))
    phrasings = sum(len(words.asked) for topic in topics.values() for words in topic.words.values())
    print(f"{len(topics)} topics, {phrasings:,} phrasings, {index.embedded:,} texts embedded")
    index.save_all()
    model.save(options.out)
    print(f"{options.out} written after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
