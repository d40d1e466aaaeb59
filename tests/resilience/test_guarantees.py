"""The page of guarantees names for each promise a test that exists."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.processes import PROJECT_ROOT

PAGE = (PROJECT_ROOT / "docs" / "guarantees.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_a_test_named_by_a_guarantee_exists(file: str, name: str) -> None:
    tree = ast.parse((PROJECT_ROOT / file).read_text())
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_promise_names_its_test() -> None:
    promises = [part for part in PAGE.split("\n\n") if part.startswith("**")]
    assert len(promises) > 20
    for promise in promises:
        assert re.search(r"^- `tests/[\w/]+\.py::test_\w+`$", promise, re.MULTILINE), promise
