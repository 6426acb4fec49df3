from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

from bot.phrasings import export_phrasings, plain
from bot.train import TrainingFailed, note_outcome, other_models, train, training_failure
from odziv.settings import LANGUAGES
from odziv.texts.small_talk import write_responses

pytestmark = pytest.mark.slow

ARTICLE = """---
title: Returning
questions: {questions}
status: {status}
---
Text.
"""


@pytest.fixture
def articles(tmp_path):
    def write(path, questions, status="published"):
        file = tmp_path / "articles" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        text = ARTICLE.format(questions=yaml.safe_dump(questions, default_flow_style=True), status=status)
        file.write_text(text, encoding="utf-8")

    write("sl/orders/return.md", ["Kako vrnem izdelek?", "rad bi vrnil", "tretje vprašanje"])
    write("en/orders/draft.md", ["how do I draft"], "draft")
    write.folder = tmp_path / "articles"
    return write


def exported(folder, tmp_path, languages=("sl", "en")):
    target = tmp_path / "out" / "phrasings.yml"
    count = export_phrasings(folder, languages, target)
    nlu = yaml.safe_load(target.read_text(encoding="utf-8"))["nlu"]
    lines = [line for intent in nlu for line in intent["examples"].splitlines()]
    assert len(lines) == count and all(intent["intent"] == "ask_question" for intent in nlu)
    return [line.removeprefix("- ") for line in lines]


def test_the_first_phrasings_of_published_articles_are_exported(articles, tmp_path):
    assert exported(articles.folder, tmp_path) == ["Kako vrnem izdelek?", "rad bi vrnil"]


def test_no_articles_no_examples(tmp_path):
    assert exported(tmp_path / "nowhere", tmp_path) == []


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("[zdaj](time) vrnem", "zdaj (time) vrnem"),
        ('[x]{"entity": "article"}', 'x "entity": "article"'),
        ("${HOME} ni doma", "HOME ni doma"),
        ("/restart", "restart"),
        ("- intent: greet", "intent: greet"),
        ("two\nlines\r\n- three", "two lines - three"),
        ("  \t ", ""),
        ("[]{}", ""),
        ("key: value # no comment", "key: value # no comment"),
        ("'quoted' \"twice\" |", "'quoted' \"twice\" |"),
        ("a\x00b\x1bc\x85d", "a b c d"),
        ("x" * 1000, "x" * 300),
    ],
)
def test_what_rasa_would_read_as_markup_is_left_out(typed, written):
    assert plain(typed) == written


def test_hostile_phrasings_stay_one_example_each(articles, tmp_path):
    hostile = ["{{ a }} : [b](c)", "- nlu:\n  - intent: goodbye\n    examples: |\n      - bye"]
    articles("sl/a/b.md", hostile)
    lines = exported(articles.folder, tmp_path)
    assert len(lines) == 4 and "nlu: - intent: goodbye examples: | - bye" in lines


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"---\n: [\n---\n",
        b"",
        b"---\n- 1\n---\n",
        b"---\nquestions: 3\nstatus: published\n---\n",
    ],
)
def test_broken_articles_are_passed_over(articles, tmp_path, content):
    (articles.folder / "sl" / "broken.md").write_bytes(content)
    assert len(exported(articles.folder, tmp_path)) == 2


class Rasa:
    """Stands in for `rasa train`: writes the model, or fails."""

    def __init__(self):
        self.told = []
        self.runs, self.program = 0, "from pathlib import Path; Path(out).mkdir(exist_ok=True); Path(out, name).touch()"

    def command(self, *arguments):
        self.runs += 1
        self.told.append(arguments)
        out, name = (arguments[arguments.index(key) + 1] for key in ("--out", "--fixed-model-name"))
        return [sys.executable, "-c", f"out, name = {out!r}, {name + '.tar.gz'!r}\n{self.program}"]


@pytest.fixture
def project(tmp_path):
    """A project folder small enough to change."""
    (tmp_path / "project" / "bot" / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "project" / "config.yml").write_text("pipeline: []\nodziv: {port: 8080}\n")
    return tmp_path / "project"


@pytest.fixture
def trained(project, articles, tmp_path):
    """Runs train() with the fake Rasa; what it said is in `.said`."""
    rasa, said = Rasa(), []

    def run(**more):
        return train(
            var=tmp_path / "var", articles=articles.folder, languages=["sl"], root=project, say=said.append,
            command=rasa.command, **{"responses": write_responses()} | more,
        )  # fmt: skip

    run.rasa, run.said = rasa, said
    return run


def test_it_trains_once_and_again_when_something_changed(trained, project, articles):
    first = trained()
    assert first.is_file() and trained() == first and trained.rasa.runs == 1
    (project / "bot" / "data" / "nlu" / "sl.yml").write_text("version: '3.1'")
    second = trained()
    assert second != first and trained.rasa.runs == 2
    articles("sl/orders/new.md", ["novo vprašanje"])
    assert trained() != second and trained.rasa.runs == 3
    (project / "config.yml").write_text("pipeline: [{name: X}]\nodziv: {port: 8080}\n")
    trained()
    assert trained.rasa.runs == 4


def test_examples_are_embedded_before_training_by_whatever_command_is_given(trained, project, tmp_path):
    told = tmp_path / "told"
    program = f"import sys; open({str(told)!r}, 'w').write(' '.join(sys.argv[1:]))"
    trained.rasa.program = f"assert open({str(told)!r}).read()\n{trained.rasa.program}"
    assert trained(embed=[sys.executable, "-c", program]).is_file()
    store, *examples = told.read_text().split()
    assert store == str(tmp_path / "var" / "rasa" / "vectors.npz")
    assert examples[0] == str(project / "bot" / "data") and examples[1].endswith("phrasings.yml")


def test_without_such_a_command_or_when_it_fails_rasa_trains_all_the_same(trained, project):
    assert trained().is_file() and not [line for line in trained.said if "embedding" in line]
    (project / "bot" / "data" / "nlu" / "sl.yml").write_text("version: '3.1'")
    assert trained(embed=[sys.executable, "-c", "raise SystemExit('no encoder')"]).is_file()
    assert any(line.startswith("embedding the examples failed") and "no encoder" in line for line in trained.said)


def test_our_settings_and_draft_articles_do_not_retrain(trained, project, articles):
    trained()
    (project / "config.yml").write_text("# a comment\npipeline: []\nodziv: {port: 9090}\n")
    articles("sl/orders/draft.md", ["se ne velja"], "draft")
    trained()
    assert trained.rasa.runs == 1


def test_rasa_gets_our_domain_and_what_it_says_in_each_language(trained, project, tmp_path):
    (project / "bot" / "domain").mkdir()
    (project / "bot" / "domain" / "assistant.yml").write_text("intents: [greet]\n")
    trained()
    [folder] = [Path(arguments[arguments.index("--domain") + 1]) for arguments in trained.rasa.told]
    assert yaml.safe_load((folder / "assistant.yml").read_text("utf-8")) == {"intents": ["greet"]}
    greetings = yaml.safe_load((folder / "responses.yml").read_text("utf-8"))["responses"]["utter_greet"]
    own = {
        "text": "Dzień dobry! W czym mogę pomóc?",
        "condition": [{"type": "slot", "name": "language", "value": "pl"}],
    }
    assert own in greetings and {"text": "Hello! How can I help you?"} in greetings
    assert len(greetings) == 2 * len(LANGUAGES) and len([each for each in greetings if "condition" not in each]) == 2
    (project / "bot" / "domain" / "assistant.yml").write_text("intents: [goodbye]\n")
    trained()
    assert trained.rasa.runs == 2


def test_other_small_talk_trains_anew(trained):
    trained()
    trained(responses={"utter_greet": [{"text": "Ahoj"}]})
    assert trained.rasa.runs == 2


def test_a_model_that_was_deleted_is_trained_again(trained):
    trained().unlink()
    assert trained().is_file() and trained.rasa.runs == 2


def test_only_the_newest_models_are_kept(trained, project, tmp_path):
    for number in range(4):
        (project / "bot" / "data" / "nlu" / "sl.yml").write_text(str(number))
        model = trained()
    assert model.is_file() and len(list((tmp_path / "var" / "rasa" / "models").glob("*.tar.gz"))) == 2


def test_rasa_gets_its_recipe_alone_and_in_a_form_it_can_read(trained, project, tmp_path):
    ours = "odziv:\n  sites: {shop: {origins: [https://shop.example]}}\n"
    (project / "config.yml").write_text(f"recipe: default.v1\npipeline:\n- name: X\n  n: 1e-3\n{ours}")
    trained()
    [config] = [arguments[arguments.index("--config") + 1] for arguments in trained.rasa.told]
    recipe = Path(config).read_text(encoding="utf-8")
    assert yaml.safe_load(recipe) == {"recipe": "default.v1", "pipeline": [{"name": "X", "n": "1e-3"}]}
    assert "odziv" not in recipe and "shop.example" not in recipe


def test_when_training_fails_the_last_good_model_serves_and_the_reason_is_told(trained, project, tmp_path):
    good = trained()
    assert training_failure(tmp_path / "var") is None
    (project / "bot" / "data" / "nlu" / "sl.yml").write_text("broken")
    trained.rasa.program = "raise SystemExit('YamlException: sl.yml, line 1')"
    assert trained() == good
    assert any("last good" in line and "YamlException: sl.yml, line 1" in line for line in trained.said)
    failure = training_failure(tmp_path / "var")
    assert "YamlException: sl.yml, line 1" in failure.reason and failure.at > 1_700_000_000_000
    trained()
    assert trained.rasa.runs == 3  # tried again at the next start
    (project / "bot" / "data" / "nlu" / "sl.yml").unlink()
    assert trained() == good and training_failure(tmp_path / "var") is None  # what was changed is taken back


def test_when_the_first_training_fails_there_is_no_model(trained):
    trained.rasa.program = "raise SystemExit('no space left')"
    with pytest.raises(TrainingFailed, match="no space left"):
        trained()


def test_an_exit_of_zero_without_a_model_is_a_failure(trained):
    trained.rasa.program = "print('nothing to train')"
    with pytest.raises(TrainingFailed, match="no model"):
        trained()


def test_without_the_rasa_environment_it_says_what_to_do(trained):
    trained.rasa.command = lambda *arguments: ["/no/such/python"]
    with pytest.raises(TrainingFailed, match="make setup"):
        trained()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"fingerprint": 1, "model": 2}', '{"fingerprint": "x", "model": "../../etc/passwd"}'],
)
def test_a_broken_note_of_the_last_model_means_training(trained, tmp_path, content):
    trained()
    (tmp_path / "var" / "rasa" / "models" / "current.json").write_text(content)
    assert trained().is_file() and trained.rasa.runs == 2


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"reason": "x", "at": "y"}'])
def test_a_damaged_note_of_a_failure_is_a_failure(tmp_path, content):
    note_outcome(tmp_path, None)  # there is none
    (tmp_path / "rasa").mkdir()
    (tmp_path / "rasa" / "training-failed.json").write_text(content)
    assert training_failure(tmp_path).reason == "unknown"
    note_outcome(tmp_path, None)
    assert training_failure(tmp_path) is None


def damage(path: Path, how: str) -> None:
    raw = path.read_bytes()
    if how == "emptied":
        path.write_bytes(b"")
    elif how == "cut off":
        path.write_bytes(raw[: len(raw) // 2])
    elif how == "a byte changed":
        path.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    else:
        path.write_bytes(b"not a model " * 10)


DAMAGES = ["emptied", "cut off", "a byte changed", "something else"]
WRITE_ARCHIVE = """
import io, tarfile
from pathlib import Path
Path(out).mkdir(exist_ok=True)
with tarfile.open(Path(out, name), "w:gz") as archive:
    member = tarfile.TarInfo("components/model"); member.size = 5000
    archive.addfile(member, io.BytesIO(bytes(range(250)) * 20))
"""


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_model_is_not_loaded_and_trained_anew(trained, how):
    trained.rasa.program = WRITE_ARCHIVE
    damage(trained(), how)
    model = trained()
    assert trained.rasa.runs == 2 and tarfile.is_tarfile(model)
    assert any("is damaged" in line for line in trained.said)


@pytest.mark.parametrize("how", DAMAGES)
def test_where_it_cannot_be_trained_anew_the_last_good_one_serves(trained, project, tmp_path, how):
    trained.rasa.program = WRITE_ARCHIVE
    first = trained()
    (project / "bot" / "data" / "nlu" / "sl.yml").write_text("more")
    newest = trained()
    assert newest != first and other_models(tmp_path / "var", newest) == [first]
    damage(newest, how)
    trained.rasa.program = "raise SystemExit('no space left')"
    assert trained() == first
    damage(first, how)
    with pytest.raises(TrainingFailed, match="no space left"):
        trained()


@pytest.mark.parametrize("how", ["emptied", "cut off", "something else"])
def test_a_model_noted_without_its_hash_has_to_be_unpackable(trained, tmp_path, how):
    trained.rasa.program = WRITE_ARCHIVE
    model = trained()
    note = tmp_path / "var" / "rasa" / "models" / "current.json"
    known = json.loads(note.read_text())
    note.write_text(json.dumps({key: known[key] for key in ("fingerprint", "model")}))
    assert trained() == model and trained.rasa.runs == 1
    damage(model, how)
    trained()
    assert trained.rasa.runs == 2
