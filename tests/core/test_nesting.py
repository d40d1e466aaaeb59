"""How deep a document may be."""

import pytest

from app.core.nesting import deeper_than


@pytest.mark.parametrize(
    ("document", "levels"), [(1, 1), ([], 1), ([[]], 2), ({"a": [1]}, 3), ([1, {"a": {"b": 2}}], 4)]
)
def test_a_document_is_as_deep_as_its_deepest_part(document: object, levels: int) -> None:
    assert not deeper_than(document, levels)
    assert deeper_than(document, levels - 1)


def test_a_document_deeper_than_the_interpreter_recurses_is_measured() -> None:
    document: list[object] = []
    for _ in range(100_000):
        document = [document]

    assert deeper_than(document, 64)
