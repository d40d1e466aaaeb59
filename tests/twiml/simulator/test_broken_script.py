"""A fault of the simulator itself: whoever is on the call hears of it, and it is logged."""

from __future__ import annotations

import asyncio
import logging

import pytest

from twiml.simulator.interpreter.script import Script
from twiml.simulator.platform import Platform


def test_course_that_breaks_ends_its_call_with_the_error_message(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise ZeroDivisionError("a fault of ours")

    async def course() -> None:
        platform = Platform(calls_per_second=30)
        call = platform.new_call(to="+15550001000", from_="+15550100001", direction="inbound", status="ringing")
        Script.of(call).start(broken())
        await platform.clock.advance(1)
        assert call.heard[-1].now == "say: We are sorry, an application error has occurred. Goodbye."
        await platform.clock.advance(60)
        assert call.status == "completed"
        assert [entry.code for entry in platform.debugger.notifications] == [12400]
        await platform.close()

    with caplog.at_level(logging.ERROR):
        asyncio.run(course())
    assert "a fault of ours" in caplog.text
