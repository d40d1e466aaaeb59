"""Bodies whose length nobody announced (chunked) are read whole, and refused when they are too large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.support.product import Product

HEAD = b'{"jsonrpc":"2.0","id":1,"method":"list.calls","params":{"access_token":"demo-access-token","x":"'


def _chunks(mebibytes: int) -> Iterator[bytes]:
    yield HEAD
    for _ in range(mebibytes * 16):
        yield b"a" * 65536
    yield b'"}}'


def test_a_chunked_body_is_read_whole(product: Product) -> None:
    answer = requests.post(
        f"{product.url}/v4.0", data=_chunks(0), headers={"Content-Type": "application/json"}, timeout=10
    )

    assert answer.json()["error"]["data"]["mnemonic"] == "unexpected_parameters"


@pytest.mark.parametrize("path", ["/v4.0", "/api/v2/me", "/sessions/x/hold"])
def test_a_chunked_body_over_a_mebibyte_is_refused(product: Product, path: str) -> None:
    answer = requests.post(
        f"{product.url}{path}",
        data=_chunks(3),
        headers={"Content-Type": "application/json"},
        auth=None if path == "/v4.0" else ("alice", "demo"),
        timeout=10,
    )

    assert answer.status_code == 413
