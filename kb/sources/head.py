"""The head of an article: what may stand between its two lines of ---, read, checked, and explained when wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from kb.sources.comments import strip_line
from kb.sources.faults import ArticleBroken, Fault, Faults, Reason

STATUSES = ("draft", "internal", "published")
FENCE = re.compile(r"-{3,}[ \t]*")
_KEY = re.compile(r"""(?:[^\s#'"\[{&*!|>%@`-][^\n]*?|"[^"\n]*"|'[^'\n]*'):(?:\s|$)""")
_NO_SPACE = re.compile(r"([A-Za-z_]+):[^\s:/]")
_CUT = re.compile(r"[ \t]+#[^\n]*")
_FREE_TEXT = ("title", "questions")
_TEXTS = (*_FREE_TEXT, "tags")
HINTS = {
    "mapping values": Reason("put text with a colon or a leading sign into quotes"),
    "cannot start any token": Reason("put text that begins with a sign into quotes, and write spaces instead of tabs"),
    "expected alphabetic or numeric character": Reason("put text that begins with * or & into quotes"),
    "found undefined alias": Reason("put text that begins with * into quotes"),
    "could not determine a constructor": Reason("put text that begins with ! into quotes"),
    "expected <block end>": Reason(
        "put the whole text into quotes, and write an apostrophe in it twice or use the others"
    ),
    "could not find expected ':'": Reason("a line is `key: value`, with a space after the colon"),
    "while scanning a quoted scalar": Reason("close the quotes"),
    "found unexpected end of stream": Reason("close the quotes"),
}

ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Identity = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$")]
Lines = dict[tuple[str | int, ...], int]


class Head(BaseModel):
    """What may stand between the two `---` lines."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    questions: Annotated[list[ShortText], Field(max_length=1000)] = []
    tags: Annotated[list[ShortText], Field(max_length=50)] = []
    topics: Annotated[list[Identity], Field(max_length=20)] = []
    not_topics: Annotated[list[Identity], Field(max_length=200)] = []
    status: Literal["draft", "internal", "published"] = "draft"
    follow_ups: Annotated[list[Identity], Field(max_length=20)] = []
    handoff: bool = False


@dataclass(frozen=True)
class ReadHead:
    """A head, the lines of its keys and of the entries of its lists, and what is doubtful in it."""

    head: Head
    lines: Lines
    warnings: tuple[Fault, ...] = ()


@dataclass
class _Fields:
    """What YAML makes of a head, or of a part of it."""

    values: dict[Any, Any] = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)
    warnings: list[Fault] = field(default_factory=list)
    whole: dict[str, str] = field(default_factory=dict)  # texts that YAML takes only a part of, by their keys


def split_head(text: str) -> tuple[str, str, int]:
    """Return the head and the body of an article's text, and the line that the body begins on. Raises ArticleBroken."""
    lines = text.split("\n")
    if not FENCE.fullmatch(lines[0]):
        raise ArticleBroken(Reason("must start with a head between two lines of ---"), 1)
    close = next((number for number, line in enumerate(lines[1:], 1) if FENCE.fullmatch(line)), None)
    if close is None:
        raise ArticleBroken(Reason("its head is not closed; put a line of --- after it"), 1)
    return "\n".join(lines[1:close]), "\n".join(lines[close + 1 :]), close + 2


def parse_head(source: str) -> ReadHead:
    """Return the checked head; raises ArticleBroken with every fault that can be told, each with its line."""
    faults = Faults()
    fields = _Fields()
    with faults.gather():
        fields = load_yaml(source, 2)
    if faults:
        fields = _salvage(source, faults)
    fields.values = {key: _uncomment(value) if key in _FREE_TEXT else value for key, value in fields.values.items()}
    head = None
    try:
        head = Head.model_validate(fields.values)
    except ValidationError as error:
        # include_input=False: what the file holds may be enormous once its YAML aliases are written out.
        for each in error.errors(include_url=False, include_context=True, include_input=False):
            is_lost = not fields.values or _is_tried(source, str(each["loc"][0]))
            if not (faults and each["type"] == "missing" and is_lost):
                faults.append(Fault(_line_of(each["loc"], fields.lines), explain(each)))
    faults.raise_any()
    assert head is not None
    return ReadHead(head, fields.lines, tuple(fields.warnings))


def load_yaml(source: str, first: int) -> _Fields:
    """Return the values with their lines, counted from `first`; raises ArticleBroken."""
    loader = None
    try:
        # Not yaml's C loader: it crashes the process on deep nesting, where this one raises RecursionError.
        loader = yaml.SafeLoader(space_tabs(source))
        node = loader.get_single_node()
        if not isinstance(node, yaml.MappingNode):
            if _NO_SPACE.match(source):
                told = Reason("its head must be lines of `key: value`; put a space after the colon")
                raise ArticleBroken(told, first)
            raise ArticleBroken(Reason("its head must be lines of `key: value`"), first)
        fields = _note_lines(node, source, first)
        fields.values = loader.construct_document(node)
        fields.values |= {key: text for key, text in fields.whole.items() if isinstance(fields.values[key], str)}
        return fields
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = None if mark is None else mark.line + first
        raise ArticleBroken(_explain_yaml(error), line) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ArticleBroken(
            Reason("its head is not valid YAML: %(problem)s", problem=str(error)[:200]), first - 1
        ) from error
    finally:
        if loader:
            loader.dispose()


def _explain_yaml(error: yaml.MarkedYAMLError) -> Reason:
    problem = f"{error.context or ''} {error.problem or ''}"
    hint = next((hint for sign, hint in HINTS.items() if sign in problem), None)
    if hint is None:
        return Reason("its head is not valid YAML: %(problem)s", problem=error.problem)
    return Reason("its head is not valid YAML: %(problem)s; %(hint)s", problem=error.problem, hint=hint)


def space_tabs(source: str) -> str:
    """Return YAML with a space for each tab within a line: at the beginning of one, a tab is a fault."""
    return re.sub(r"(?<=[^\t\n])\t+", lambda tabs: " " * len(tabs[0]), source) if "\t" in source else source


def _note_lines(node: yaml.MappingNode, source: str, first: int) -> _Fields:
    """Return the lines of the keys and entries, and warnings on texts that YAML cuts; raises ArticleBroken."""
    fields, doubled = _Fields(), Faults()
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + first
        if (name,) in fields.lines:
            doubled.append(Fault(line, Reason("the key `%(key)s` is there twice; keep one", key=name[:80])))
        fields.lines[name,] = line
        entries = value.value if isinstance(value, yaml.SequenceNode) else ()
        for number, entry in enumerate(entries):
            fields.lines[name, number] = entry.start_mark.line + first
        if name in _TEXTS:
            for text in (value, *entries):
                _note_cut(fields, name, text, source, first)
    doubled.raise_any()
    return fields


def _note_cut(fields: _Fields, key: str, node: yaml.Node, source: str, first: int) -> None:
    """Note a text that YAML takes only a part of. A title is read whole: what customers read must not end midway."""
    if not isinstance(node, yaml.ScalarNode) or node.style:
        return
    line, written = node.end_mark.line + first, source[node.start_mark.index : node.end_mark.index]
    comment = _CUT.match(source, node.end_mark.index)
    if comment and key == "title":
        fields.whole[key] = f"{node.value}{comment[0].rstrip()}"
        reason = Reason(
            "`%(key)s` is read with %(note)s, though a # after a space begins a note in YAML; put the whole text into "
            "quotes, or the note on a line of its own",
            key=key,
            note=repr(comment[0].strip()[:40]),
        )
    elif comment:
        reason = Reason(
            "`%(key)s` is read without %(note)s, which is a note in YAML; put the whole text into quotes, or the note "
            "on a line of its own",
            key=key,
            note=repr(comment[0].strip()[:40]),
        )
    elif written.startswith(("&", "!")):
        sign = repr(written.split()[0][:40])
        reason = Reason("`%(key)s` is read without %(sign)s; put it into quotes", key=key, sign=sign)
    else:
        return
    fields.warnings.append(Fault(line, reason))


def _salvage(source: str, faults: Faults) -> _Fields:
    """Return what can be read of a head that is no valid YAML, key by key; add to `faults` those of each key."""
    fields, seen = _Fields(), Faults()
    for first, part in _parts(source):
        with seen.gather():
            own = load_yaml(part, first)
            fields.values |= own.values
            fields.lines |= own.lines
            fields.warnings += own.warnings
    known = {fault.line for fault in faults}
    faults.extend(fault for fault in seen if fault.line not in known)
    return fields


def _parts(source: str) -> Iterator[tuple[int, str]]:
    """Yield each key with its value, and the line in the file that it begins on."""
    begun: list[str] = []
    first = 2
    for number, line in enumerate(source.split("\n"), 2):
        if begun and _KEY.match(line):
            yield first, "\n".join(begun)
            begun, first = [], number
        begun.append(line)
    if any(line.strip() for line in begun):
        yield first, "\n".join(begun)


def _is_tried(source: str, key: str) -> bool:
    """Whether a head names the key at the beginning of a line, readable or not."""
    return re.search(rf"^{re.escape(key)}\s*:", source, re.MULTILINE) is not None


def _line_of(place: tuple[int | str, ...], lines: Mapping[tuple[str | int, ...], int]) -> int:
    return lines.get(place[:2]) or lines.get((str(place[0]),)) or 1


def _uncomment(value: Any) -> Any:
    """Return text, or a list of it, without HTML comments."""
    if isinstance(value, list):
        return [strip_line(entry) if isinstance(entry, str) else entry for entry in value]
    return strip_line(value) if isinstance(value, str) else value


def explain(error: Mapping[str, Any]) -> str:
    """Return pydantic's error as a sentence for an editor."""
    key = str(error["loc"][0])[:80]
    entry = error["loc"][1] if len(error["loc"]) > 1 and isinstance(error["loc"][1], int) else None
    place = f"`{key}`" if entry is None else Reason("`%(key)s`, entry %(number)s,", key=key, number=entry + 1)
    match error["type"]:
        case "missing":
            return Reason("`%(key)s` is missing; add a line `%(key)s: …`", key=key)
        case "extra_forbidden":
            return _unknown(key)
        case "literal_error":
            return Reason("%(place)s must be one of %(known)s", place=place, known=STATUSES)
        case "string_type":
            return Reason("%(place)s must be text; put it into quotes", place=place)
        case "list_type":
            return Reason("%(place)s must be a list, one entry a line starting with `- `", place=place)
        case "bool_type":
            return Reason("%(place)s must be true or false", place=place)
        case "string_too_short":
            return Reason("%(place)s is empty", place=place)
        case "string_too_long":
            most = error["ctx"]["max_length"]
            return Reason("%(place)s is too long: at most %(most)s characters", place=place, most=most)
        case "too_long":
            most = error["ctx"]["max_length"]
            return Reason("%(place)s has too many entries: at most %(most)s", place=place, most=most)
        case "string_pattern_mismatch":
            if key in ("topics", "not_topics"):
                return Reason("%(place)s must be a topic of the library, such as returns/period", place=place)
            return Reason("%(place)s must be the path of an article, such as orders/return", place=place)
        case _:
            return Reason("%(place)s: %(problem)s", place=place, problem=error["msg"])


def _unknown(key: str) -> str:
    known = key.lower().replace("-", "_").strip()
    if known in Head.model_fields:
        return Reason("`%(key)s` is not a key of an article; write `%(known)s`", key=key, known=known)
    fields = tuple(Head.model_fields)
    return Reason("`%(key)s` is not a key of an article; known are %(known)s", key=key, known=fields)
