"""Pages of a list, in the one shape in which the SDKs find exactly one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from ..identifiers import Params
from .errors import bad
from .forms import Form

Record = TypeVar("Record")
_PAGING = ("Page", "PageSize", "PageToken")
MOST_PER_PAGE = 1000


def page_of(
    records: Sequence[Record],
    query: Form,
    path: str,
    key: str,
    token_of: Callable[[Record], str],
    show: Callable[[Record], dict[str, Any]],
) -> dict[str, Any]:
    """One page of ``records`` under ``key``. ``token_of`` gives what a page token names: a record's own SID.

    URIs are relative to the host; filters stay in them. Raises RestError for a page size out of 1–1000.
    """
    size = query.number("PageSize", 50, 1, 10**9, 20006)
    if size > MOST_PER_PAGE:
        raise bad(20007, f"Page size must not be greater than {MOST_PER_PAGE}")
    number = query.number("Page", 0, 0, 10**9, 20422)
    start = _start(records, query.text("PageToken"), number, size, token_of)
    shown = records[start : start + size]
    number = start // size if query.text("PageToken") is None else number
    filters = [pair for pair in query.fields if pair[0] not in _PAGING]

    def uri(page: int, token: str | None) -> str:
        pairs: Params = [*filters, ("PageSize", str(size)), ("Page", str(page))]
        if token is not None:
            pairs.append(("PageToken", token))
        return f"{path}?{urlencode(pairs)}"

    more = start + size < len(records)
    return {
        key: [show(record) for record in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": max(start + len(shown) - 1, 0),
        "uri": uri(number, query.text("PageToken")),
        "first_page_uri": uri(0, None),
        "previous_page_uri": uri(max(number - 1, 0), f"PB{token_of(shown[0])}") if start and shown else None,
        "next_page_uri": uri(number + 1, f"PA{token_of(shown[-1])}") if more else None,
    }


def _start(
    records: Sequence[Record], token: str | None, page: int, size: int, token_of: Callable[[Record], str]
) -> int:
    """Where the page begins: behind (PA) or before (PB) the record its token names, else counted by ``Page``."""
    if token is None:
        return page * size
    for place, record in enumerate(records):
        if token_of(record) == token[2:]:
            return place + 1 if token.startswith("PA") else max(place - size, 0)
    raise bad(20422, "Invalid PageToken")
