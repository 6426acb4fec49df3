"""What README and docs/ tell operators to put into config.yml starts, and trains."""

from __future__ import annotations

import json
import subprocess

import pytest

from bot.environment import PYTHON, rasa_environment
from bot.train import write_recipe
from odziv.settings import load_settings
from tests.doc_blocks import ROOT, config_with, settings_blocks

BLOCKS = settings_blocks()
SECRETS = ("SMTP_PASSWORD", "IMAP_PASSWORD", "IMAP_PASSWORD_SALES", "S3_SECRET", "OIDC_SECRET")
PASSWORDS = {f"ODZIV_{name}": "x" for name in SECRETS}
READ = """
import json, sys
from rasa.shared.utils import io

print(json.dumps([io.read_model_configuration(path) for path in sys.argv[1:]]))
"""


def test_there_are_blocks():
    assert len(BLOCKS) >= 10 and {place.partition(":")[0] for place in BLOCKS} >= {"README.md", "operators.md"}


@pytest.mark.slow
@pytest.mark.parametrize("place", BLOCKS)
def test_every_documented_block_is_a_setting_that_starts(tmp_path, place):
    (tmp_path / "config.yml").write_text(config_with(BLOCKS[place]), encoding="utf-8")
    assert load_settings(tmp_path / "config.yml", PASSWORDS).sites


@pytest.mark.rasa
def test_rasa_reads_its_recipe_beside_every_documented_block(tmp_path):
    recipes = []
    for number, block in enumerate(BLOCKS.values()):
        project = tmp_path / str(number)
        project.mkdir()
        (project / "config.yml").write_text(config_with(block), encoding="utf-8")
        recipes.append(str(write_recipe(project, project / "var")))
    command = [str(PYTHON), "-c", READ, *recipes]
    read = subprocess.run(command, cwd=ROOT, env=rasa_environment(tmp_path), capture_output=True, text=True)
    assert read.returncode == 0, read.stderr[-2000:]
    assert all(recipe["recipe"] == "default.v1" and recipe["pipeline"] for recipe in json.loads(read.stdout))
