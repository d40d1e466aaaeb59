"""Channel names and what patterns cover."""

from __future__ import annotations

import pytest

from app.notices.channels import covers, is_channel, is_subscribable


@pytest.mark.parametrize(
    ("pattern", "channel", "covered"),
    [
        ("/v2/me/calls", "/v2/me/calls", True),
        ("/v2/me/calls", "/v2/me/call", False),
        ("/v2/me/*", "/v2/me/calls", True),
        ("/v2/me/*", "/v2/me", False),
        ("/v2/me/*", "/v2/me/calls/now", False),
        ("/v2/me/**", "/v2/me/calls/now", True),
        ("/v2/me/**", "/v2/me", False),
        ("/v2/me/**", "/v2/mellow", False),
        ("/*", "/v2", True),
        ("/*", "/v2/me", False),
        ("/**", "/v2/me/calls", True),
    ],
)
def test_a_pattern_covers_one_more_segment_or_one_and_more(pattern: str, channel: str, covered: bool) -> None:
    assert covers(pattern, channel) is covered


@pytest.mark.parametrize("name", ["/v2/me/calls", "/a", "/A-z_0!~($)@"])
def test_segments_of_the_allowed_characters_name_a_channel(name: str) -> None:
    assert is_channel(name)
    assert is_subscribable(name)


@pytest.mark.parametrize("name", ["/*", "/**", "/v2/me/*", "/v2/me/**"])
def test_a_pattern_can_be_subscribed_to_but_is_no_channel(name: str) -> None:
    assert is_subscribable(name)
    assert not is_channel(name)


@pytest.mark.parametrize(
    "name",
    ["", "/", "v2", "/v2/", "//v2", "/v2/*/calls", "/v2/***", "/v 2", "/ä", "/x\n", "/" + "x" * 255, None, 7, ["/v2"]],
)
def test_anything_else_is_neither(name: object) -> None:
    assert not is_channel(name)
    assert not is_subscribable(name)
