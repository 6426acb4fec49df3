"""Each test makes an application of its own. What is the same in all of them is compiled once in a test run: templates,
and the addresses that werkzeug routes and builds, which together took two thirds of the desk's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from odziv.store import engine


class KeptInMemory(BytecodeCache):
    """Templates' code by a key made of their source."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(f"{bucket.key} {bucket.checksum}")

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[f"{bucket.key} {bucket.checksum}"] = bucket.code


COMPILED = ("_parts", "_trace", "_converters", "arguments")


def copy_compiled(rule: Rule, to: Rule) -> None:
    """Gives `to` what `rule.compile()` set; the functions that build addresses are handed the rule with each call."""
    for name in COMPILED:
        setattr(to, name, getattr(rule, name))
    for name in ("_build", "_build_unknown"):
        setattr(to, name, getattr(rule, name).__func__.__get__(to, None))


@contextmanager
def statements_compiled_once() -> Iterator[None]:
    """While it lasts, databases share what is compiled of SQL: it depends on the kind of the database alone."""
    plain_create, shared = engine.create_engine, LRUCache(2000)

    def create(*arguments: Any, **options: Any) -> Engine:
        made = plain_create(*arguments, **options)
        made._compiled_cache = shared
        return made

    engine.create_engine = create
    # The cache's key has the dialect in it, of which each engine makes one.
    SQLiteDialect.__eq__ = lambda one, other: type(one) is type(other)
    SQLiteDialect.__hash__ = lambda one: hash(type(one))
    try:
        yield
    finally:
        engine.create_engine = plain_create
        del SQLiteDialect.__eq__, SQLiteDialect.__hash__


@contextmanager
def compiled_once() -> Iterator[None]:
    """While it lasts, applications share what is compiled of them."""
    plain_options, plain_compile = Flask.jinja_options, Rule.compile
    known: dict[tuple[Any, ...], Rule] = {}

    def compile_rule(rule: Rule) -> None:
        # All that compiling depends on.
        place = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, rule.map.host_matching)
        key = (*place, repr(rule.defaults), *rule.map.converters.items())
        if key in known:
            copy_compiled(known[key], rule)
        else:
            plain_compile(rule)
            known[key] = rule

    Flask.jinja_options = {**plain_options, "bytecode_cache": KeptInMemory()}
    Rule.compile = compile_rule
    try:
        yield
    finally:
        Flask.jinja_options, Rule.compile = plain_options, plain_compile
