"""A small knowledge base in a fresh folder, on the fake encoder."""

import pytest

from kb import KnowledgeBase
from tests.fake_encoder import FakeEncoder
from tests.scratch_articles import ARTICLES, write


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "articles"
    for name, (title, questions, body) in ARTICLES.items():
        write(root, name, title, questions, body)
    return root


@pytest.fixture
def encoder():
    return FakeEncoder()


@pytest.fixture
def open_kb(folder, tmp_path, encoder):
    """Opens the knowledge base, as often as wanted: each time as after a restart."""
    off_topic = tmp_path / "off_topic"
    off_topic.mkdir()
    (off_topic / "en.txt").write_text("# jokes\ntell me a joke\nwho won the match yesterday\n", "utf-8")

    def open_it(**options):
        options = {"languages": ["sl", "en"], "default_language": "en", "off_topic": off_topic} | options
        return KnowledgeBase.open(folder, tmp_path / "index", encoder, **options)

    return open_it


@pytest.fixture
def kb(open_kb):
    return open_kb()
