"""Each test makes an application and a database of its own. What is the same in all of them is worked out once in a
test run: templates, the addresses that werkzeug routes and builds, SQL, and what a knowledge base learns from its
articles. Their databases do not wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

import kb.snapshot
from kb.model.confidence import Calibration
from kb.model.phrasings import PhrasingModel
from kb.snapshot import Snapshot
from odziv.store import postgresql, sqlite

PRODUCTS_SYNCHRONOUS = sqlite.SYNCHRONOUS


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
    plain_create, shared = sqlite.create_engine, LRUCache(4000)

    def create(*arguments: Any, **options: Any) -> Engine:
        made = plain_create(*arguments, **options)
        made._compiled_cache = shared
        return made

    sqlite.create_engine = postgresql.create_engine = create
    # The cache's key has the dialect in it, of which each engine makes one.
    for dialect in (SQLiteDialect, PGDialect):
        dialect.__eq__ = lambda one, other: type(one) is type(other)
        dialect.__hash__ = lambda one: hash(type(one))
    try:
        yield
    finally:
        sqlite.create_engine = postgresql.create_engine = plain_create
        for dialect in (SQLiteDialect, PGDialect):
            del dialect.__eq__, dialect.__hash__


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


@contextmanager
def unsynced_databases() -> Iterator[None]:
    """While it lasts, a commit returns before the disk has it: a test that ends takes its database along anyway."""
    sqlite.SYNCHRONOUS = dict.fromkeys(PRODUCTS_SYNCHRONOUS, "OFF")
    try:
        yield
    finally:
        sqlite.SYNCHRONOUS = PRODUCTS_SYNCHRONOUS


_models: dict[tuple[Any, ...], PhrasingModel] = {}
_calibrations: dict[tuple[Any, ...], dict[str, Calibration]] = {}


@contextmanager
def learnt_once() -> Iterator[None]:
    """While it lasts, knowledge bases over the same articles share the model and its calibration."""
    plain_model, plain_calibrated = kb.snapshot.RidgeModel, Snapshot.calibrated

    def model_of(vectors, texts, labels, languages, classes) -> PhrasingModel:
        key = (vectors.tobytes(), *texts, *labels, *languages, classes)
        if key not in _models:
            _models[key] = plain_model(vectors, texts, labels, languages, classes)
        return _models[key]

    def calibrated(snapshot: Snapshot, languages, answer_precision, suggest_recall) -> Snapshot:
        asked_for = [(language, answer_precision[language], suggest_recall[language]) for language in languages]
        # The model stays in _models, so that no other has its id.
        key = (id(snapshot.model), *(place.indexed for place in snapshot.search.places), *asked_for)
        if key not in _calibrations:
            _calibrations[key] = plain_calibrated(snapshot, languages, answer_precision, suggest_recall).calibration
        result = copy(snapshot)
        result.calibration = dict(_calibrations[key])
        return result

    kb.snapshot.RidgeModel, Snapshot.calibrated = model_of, calibrated
    try:
        yield
    finally:
        kb.snapshot.RidgeModel, Snapshot.calibrated = plain_model, plain_calibrated
