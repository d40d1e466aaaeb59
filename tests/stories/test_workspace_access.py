"""Logging in to the workspace API and its notifications over real HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
import requests

from tests.dialects.workspace.client import Desk
from tests.support.waiting import until

DENIED = {"statusCode": 20, "statusMessage": "Access denied"}


@pytest.mark.parametrize("path", ["/me", "/me/calls?fields=*", "/no/such/thing"])
def test_a_request_without_credentials_is_403_and_the_same_with_them_is_answered(product: Any, path: str) -> None:
    refused = requests.get(f"{product.url}/api/v2{path}", timeout=10)
    assert (refused.status_code, refused.json()) == (403, DENIED)
    answered = requests.get(f"{product.url}/api/v2{path}", auth=("alice", "demo"), timeout=10)
    assert answered.status_code in (200, 404)
    assert "JSESSIONID=" in answered.headers["Set-Cookie"]


def test_the_cookie_alone_authorises_rest_and_notifications_until_the_session_is_ended(product: Any) -> None:
    with Desk(product.url, "alice") as alice:
        assert alice.get("/me?subresources=*")["user"]["userName"] == "alice"
        with alice.listen("/v2/me/*") as told:
            assert told.rest(0.1) == []
        ended = alice.operate("/me", "EndContactCenterSession")
        assert ended.json() == {"statusCode": 0}
        after = alice.http.get(f"{product.url}/api/v2/me", timeout=10)
        assert (after.status_code, after.json()) == (403, DENIED)


def test_a_desktop_that_has_logged_out_hears_nothing_more_over_its_open_socket(product: Any) -> None:
    shake = {"id": "1", "channel": "/meta/handshake", "version": "1.0", "supportedConnectionTypes": ["websocket"]}

    async def story(alice: Desk) -> None:
        address, cookies = (
            f"{product.url}/api/v2/notifications",
            {"Cookie": f"JSESSIONID={alice.http.cookies['JSESSIONID']}"},
        )
        async with (
            asyncio.timeout(20),
            aiohttp.ClientSession() as http,
            http.ws_connect(address, headers=cookies) as line,
        ):
            await line.send_json([shake])
            assert (await line.receive_json())[0]["successful"] is True
            ended = await asyncio.to_thread(alice.operate, "/me", "EndContactCenterSession")
            assert ended.json() == {"statusCode": 0}
            await line.send_json([shake])
            (refused,) = await line.receive_json()
            assert (refused["successful"], refused["advice"]["reconnect"]) == (False, "none")
            assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
            assert line.close_code == 1008

    with Desk(product.url, "alice") as alice:
        asyncio.run(story(alice))


def test_an_agent_of_another_account_sees_nothing(product: Any) -> None:
    phones = product.simulator
    caller = phones.place_call("+15550100001", "+15550001001")
    phones.answer(phones.ringing("client:alice"))
    with Desk(product.url, "alice") as alice, Desk(product.url, "dave") as dave:
        call = until(lambda: next(iter(alice.calls()), None), 5, "alice sees her call")
        assert dave.calls() == []
        assert dave.refused(call["id"], "Hangup") == (404, 6)
        assert phones.call(caller).status == "in-progress"


def test_a_chunked_body_without_a_length_is_understood(product: Any) -> None:
    body = iter([b'{"operationName": "StartContactCenterSession",', b' "channels": ["voice"]}'])
    with Desk(product.url, "alice") as alice:
        answer = alice.http.post(f"{product.url}/api/v2/me", data=body, timeout=10)
        assert answer.json() == {"statusCode": 0}
