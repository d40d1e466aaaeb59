"""The simulator's own routes: the people at the phones, faults, the clock, the log."""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from .addresses import normalise
from .calls import Call
from .conferences import Conference
from .faults import BadSetting, Faults
from .hearing import hearing_of, hears
from .identifiers import iso, whole_number
from .platform import Platform
from .progress import STANDARD_PARAMS

MOST_SECONDS = 7 * 86_400
_KEYS = frozenset("0123456789*#ABCD")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def tell_bad_settings(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A wrong name or value is answered 400 with a sentence."""
    try:
        return await handler(request)
    except BadSetting as error:
        return web.json_response({"error": str(error)}, status=400)


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request, empty when there is no body. Raises BadSetting."""
    text = (await request.read()).decode("utf-8", errors="replace")
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadSetting("the body is not JSON") from None
    if not isinstance(value, dict):
        raise BadSetting("the body must be a JSON object")
    return value


def _number(values: dict[str, Any], name: str, low: float, high: float) -> float:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadSetting(f"{name} must be a number")
    if not low <= value <= high:
        raise BadSetting(f"{name} must be between {low} and {high}")
    return float(value)


class ControlApi:
    """Routes below /simulator; none of them needs credentials, none of them is logged."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def add_to(self, router: web.UrlDispatcher) -> None:
        router.add_get("/simulator/account", self.account)
        router.add_post("/simulator/phones/{address}/call", self.place_call)
        router.add_get("/simulator/phones/{address}", self.phone)
        router.add_put("/simulator/phones/{address}", self.set_phone)
        router.add_get("/simulator/calls/{call}", self.call)
        router.add_post("/simulator/calls/{call}/answer", self.answer)
        router.add_post("/simulator/calls/{call}/hangup", self.hangup)
        router.add_post("/simulator/calls/{call}/reject", self.reject)
        router.add_post("/simulator/calls/{call}/digits", self.digits)
        router.add_get("/simulator/conferences", self.conferences)
        router.add_get("/simulator/queues", self.queues)
        router.add_get("/simulator/faults", self.faults)
        router.add_put("/simulator/faults", self.set_faults)
        router.add_get("/simulator/policy", self.policy)
        router.add_put("/simulator/policy", self.set_policy)
        router.add_get("/simulator/clock", self.clock)
        router.add_put("/simulator/clock", self.set_clock)
        router.add_post("/simulator/clock/advance", self.advance)
        router.add_get("/simulator/log", self.log)
        router.add_post("/simulator/reset", self.reset)

    async def account(self, request: web.Request) -> web.Response:
        account = self._platform.account
        return web.json_response({"account_sid": account.sid, "auth_token": account.auth_token})

    def _address(self, request: web.Request) -> str:
        address = normalise(request.match_info["address"])
        if address is None:
            raise BadSetting("a phone is an E.164 number or client:<identity>")
        return address

    async def place_call(self, request: web.Request) -> web.Response:
        """The phone calls ``to``; answered at once, before the call has got anywhere."""
        values = await _body(request)
        address, to, params = self._address(request), values.get("to"), values.get("params") or {}
        if not isinstance(to, str) or not to.strip():
            raise BadSetting("to must be a telephone address")
        if not isinstance(params, dict):
            raise BadSetting("params must be an object")
        if not STANDARD_PARAMS.isdisjoint(params):
            raise BadSetting(f"params are extra fields, which these are not: {', '.join(sorted(STANDARD_PARAMS))}")
        texts = {str(name): value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
        call = self._platform.place_call(address, to.strip(), texts)
        return web.json_response({"call_sid": call.sid}, status=201)

    async def phone(self, request: web.Request) -> web.Response:
        calls = self._platform.calls_of_phone(self._address(request))
        shown = [{"call_sid": call.sid, "status": call.status, "direction": call.direction} for call in calls]
        return web.json_response({"calls": shown})

    async def set_phone(self, request: web.Request) -> web.Response:
        values, phone = await _body(request), self._platform.phones[self._address(request)]
        phone.set_reaction(values)
        return web.json_response({"address": phone.address, "on_ring": phone.on_ring, "after": phone.after})

    def _call(self, request: web.Request) -> Call:
        call = self._platform.calls.get(request.match_info["call"])
        if call is None:
            raise web.HTTPNotFound(text=json.dumps({"error": "no such call"}), content_type="application/json")
        return call

    async def call(self, request: web.Request) -> web.Response:
        return _shown(self._call(request))

    async def answer(self, request: web.Request) -> web.Response:
        """The person picks up a ringing phone."""
        call = self._call(request)
        if call.status != "ringing" or call.direction == "inbound":
            return _conflict(call)
        call.answer()
        return _shown(call)

    async def hangup(self, request: web.Request) -> web.Response:
        """The person hangs up any live leg, a ringing one too."""
        call = self._call(request)
        if not call.live:
            return _conflict(call)
        call.person_hangs_up()
        return _shown(call)

    async def reject(self, request: web.Request) -> web.Response:
        """The person turns a ringing call away: it ends busy."""
        call = self._call(request)
        if call.status != "ringing" or call.direction == "inbound":
            return _conflict(call)
        call.end("busy", 486)
        return _shown(call)

    async def digits(self, request: web.Request) -> web.Response:
        """The person presses keys; a running Gather or a Dial with hangupOnStar takes them, else nobody does."""
        values, call = await _body(request), self._call(request)
        digits = values.get("digits")
        if not isinstance(digits, str) or not digits or not set(digits) <= _KEYS:
            raise BadSetting("digits must be keys of a telephone")
        if call.status != "in-progress":
            return _conflict(call)
        for digit in digits:
            if call.on_digit is not None:
                call.on_digit(digit)
        return _shown(call)

    async def conferences(self, request: web.Request) -> web.Response:
        rooms = [_room(room) for room in self._platform.conferences.by_sid.values() if room.active]
        return web.json_response({"conferences": rooms})

    async def queues(self, request: web.Request) -> web.Response:
        shown = [
            {
                "sid": queue.sid,
                "friendly_name": queue.friendly_name,
                "members": [member.call.sid for member in queue.members],
            }
            for queue in self._platform.queues.by_sid.values()
        ]
        return web.json_response({"queues": shown})

    async def faults(self, request: web.Request) -> web.Response:
        return web.json_response(self._platform.faults.describe())

    async def set_faults(self, request: web.Request) -> web.Response:
        self._platform.faults = Faults.parse(await _body(request))
        return await self.faults(request)

    async def policy(self, request: web.Request) -> web.Response:
        return web.json_response(self._platform.policy.describe())

    async def set_policy(self, request: web.Request) -> web.Response:
        self._platform.policy.change(await _body(request))
        return await self.policy(request)

    async def clock(self, request: web.Request) -> web.Response:
        clock = self._platform.clock
        return web.json_response({"now": iso(clock.now()), "speed": clock.speed})

    async def set_clock(self, request: web.Request) -> web.Response:
        self._platform.clock.set_speed(_number(await _body(request), "speed", 0, 10_000))
        return await self.clock(request)

    async def advance(self, request: web.Request) -> web.Response:
        """Move the time; answered when everything that became due has been started."""
        await self._platform.clock.advance(_number(await _body(request), "seconds", 0, MOST_SECONDS))
        return await self.clock(request)

    async def log(self, request: web.Request) -> web.Response:
        since = whole_number(request.query.get("since", "0"))
        if since is None:
            raise BadSetting("since must be a number of an entry")
        return web.json_response(self._platform.log.since(since))

    async def reset(self, request: web.Request) -> web.Response:
        await self._platform.reset()
        return web.json_response({})


def _shown(call: Call) -> web.Response:
    return web.json_response(
        {
            "call_sid": call.sid,
            "status": call.status,
            "from": call.from_,
            "to": call.to,
            "hearing": (call.heard[-1] if call.heard else hearing_of(call)).describe(),
            "heard": [hearing.describe() for hearing in call.heard],
        }
    )


def _conflict(call: Call) -> web.Response:
    return web.json_response({"error": f"not possible while the call is {call.status}"}, status=409)


def _room(room: Conference) -> dict[str, Any]:
    return {
        "sid": room.sid,
        "friendly_name": room.friendly_name,
        "status": room.status,
        "participants": [
            {
                "call_sid": participant.call.sid,
                "label": participant.label,
                "hold": participant.hold,
                "muted": participant.muted,
                "coaching": participant.coaching,
                "hears": hears(participant),
            }
            for participant in room.participants.values()
        ],
    }
