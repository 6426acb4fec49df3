"""Each test makes an application of its own. What is the same in all of them is compiled once in a test run: templates,
and the functions by which werkzeug builds addresses, which together took two thirds of the desk's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class KeptInMemory(BytecodeCache):
    """Templates' code by a key made of their source."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(f"{bucket.key} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[f"{bucket.key} {bucket.checksum}"] = bucket.code


@contextmanager
def compiled_once() -> Iterator[None]:
    """While it lasts, applications share what is compiled of them."""
    plain_options, plain_compile = Flask.jinja_options, Rule._compile_builder
    known: dict[tuple[Any, ...], Callable[..., Any]] = {}

    def compile_builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        # All that the function depends on; the rule itself is handed to it with each call.
        converters = tuple((name, type(each)) for name, each in rule._converters.items())
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), converters, append_unknown)
        if key not in known:
            known[key] = plain_compile(rule, append_unknown)
        return known[key]

    Flask.jinja_options = {**plain_options, "bytecode_cache": KeptInMemory()}
    Rule._compile_builder = compile_builder
    try:
        yield
    finally:
        Flask.jinja_options, Rule._compile_builder = plain_options, plain_compile
