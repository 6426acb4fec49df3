"""Reads the public data that the benches take, JSON Lines as in the data's README, and tells how far a bench is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bench.parts.figures import OUT_OF_SCOPE

OUTSIDE = {"oos", "no_nodes_detected"}


class BadFile(Exception):
    """A file of data can't be used; the message names it, the line and what is wrong."""


def read_rows(path: Path, *texts: str) -> list[dict]:
    """Return the rows of a JSON Lines file, each of which must have the `texts`. Raises BadFile."""
    try:
        lines = Path(path).read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    rows = [read_row(line, f"{path}, line {number}", texts) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise BadFile(f"{path}: there is nothing in it")
    return rows


def read_row(line: bytes, where: str, texts: tuple[str, ...]) -> dict:
    try:
        row = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise BadFile(f"{where}: not UTF-8 ({error.reason} at byte {error.start})") from error
    except ValueError as error:
        raise BadFile(f"{where}: not JSON ({error})") from error
    if not isinstance(row, dict):
        raise BadFile(f'{where}: not an object, {{"…": …}}')
    for key in texts:
        if not isinstance(row.get(key), str) or not row[key].strip():
            raise BadFile(f'{where}: has no text "{key}"')
    return row


def read_split(path: Path, split: str) -> list[dict]:
    """Return the rows of one split; rows that name none belong to each. Out of scope has one label. Raises BadFile."""
    rows = [row for row in read_rows(path, "text", "label") if row.get("split", split) == split]
    if not rows:
        raise BadFile(f'{path}: has no row of the split "{split}"')
    return [row | {"label": OUT_OF_SCOPE if row["label"].lower() in OUTSIDE else row["label"]} for row in rows]


def write_predictions(path: Path, predictions: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in predictions), "utf-8")


def progress(done: int, total: int) -> None:
    if sys.stderr.isatty() or done % 500 == 0 or done == total:
        print(f"\r{done} of {total}", end="" if done < total else "\n", file=sys.stderr, flush=True)
