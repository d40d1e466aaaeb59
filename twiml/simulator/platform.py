"""The simulated platform: one account, its calls, conferences, queues and phones, and everything that can go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from .account import Account, VoiceSettings
from .addresses import is_client, normalise
from .calls import Call
from .clock import VirtualClock
from .conferences import Conferences
from .debugger import Debugger
from .faults import Faults
from .interpreter import verbs
from .interpreter.runner import Source
from .interpreter.script import Script
from .log import ExchangeLog
from .phones import Phones
from .policy import Policy
from .progress import Subscription
from .queues import Queues
from .recordings import Recordings
from .ringing import DiallingRate
from .transport import Transport
from .webhooks import Webhooks

RESET_PATIENCE = 5.0


class Platform:
    """Must be made inside a running event loop; everything happens on that loop and changes of state are immediate.

    A REST reply and the webhooks that its request causes are independent: webhooks leave from tasks of their own.
    """

    def __init__(self, calls_per_second: int) -> None:
        verbs.install()
        self.clock = VirtualClock()
        self.account = Account(self.clock.now())
        self.log = ExchangeLog()
        self.faults = Faults()
        self.policy = Policy()
        self.debugger = Debugger()
        self.webhooks = Webhooks(Transport(self.log, self.account.auth_token), lambda: self.faults)
        self.phones = Phones()
        self.calls: dict[str, Call] = {}
        self.conferences = Conferences(self)
        self.queues = Queues(self)
        self.recordings = Recordings()
        self.dialling_rate = DiallingRate(self.clock, calls_per_second)
        self.unanswered = asyncio.Event()  # set to let go of REST requests that are never answered

    def new_call(self, *, to: str, from_: str, direction: str, status: str, parent: Call | None = None) -> Call:
        call = Call(self, to=to, from_=from_, direction=direction, status=status, parent=parent)
        self.calls[call.sid] = call
        call.note_hearing()
        return call

    def place_call(self, address: str, to: str, params: Mapping[str, str]) -> Call:
        """A phone dials ``to``: an owned number, or for a softphone anything, which its Application then handles.

        ``params`` are extra fields of the voice webhook. Where nobody answers for the number, the call has failed.
        What a softphone dials reaches its Application as it was dialled.
        """
        owned = self.account.number(normalise(to) or to)
        voice: VoiceSettings | None = None
        extra = list(params.items())
        if owned is not None:
            to = owned.number
            voice = self.account.voice_of(owned)
        elif is_client(address):
            application = self.account.softphone_application(params.get("ApplicationSid"))
            if application is not None:
                voice = application.voice
                extra.append(("ApplicationSid", application.sid))
        call = self.new_call(to=to, from_=address, direction="inbound", status="ringing")
        call.extra_params = list(dict(extra).items())
        if voice is None or not voice.voice_url:
            call.end("failed", 404)
            return call
        if voice.voice_fallback_url:
            call.fallback = (voice.voice_fallback_url, voice.voice_fallback_method)
        told = Subscription.of(voice.status_callback, voice.status_callback_method, ())
        if told is not None:
            call.subscriptions.append(told)
        Script.of(call).run_twiml(Source(voice.voice_url, voice.voice_method))
        return call

    def live_calls(self) -> list[Call]:
        return [call for call in self.calls.values() if call.live]

    def calls_of_phone(self, address: str) -> list[Call]:
        """The live calls at one telephone, oldest first."""
        return [call for call in self.live_calls() if call.phone == address]

    async def reset(self) -> None:
        """Hang up every call as its person would, see the webhooks of that delivered, then restore everything but the
        account, its numbers, Applications and (empty) queues."""
        self.faults, self.policy = Faults(), Policy()
        self._let_go()
        self.clock.set_speed(1.0)
        give_up = asyncio.get_running_loop().time() + RESET_PATIENCE
        while asyncio.get_running_loop().time() < give_up:
            for call in self.live_calls():
                call.person_hangs_up()
            pending = self.webhooks.pending
            if not pending and not self.live_calls():
                break
            if pending:
                await asyncio.wait(pending, timeout=max(0.0, give_up - asyncio.get_running_loop().time()))
        for call in self.live_calls():
            call.person_hangs_up()
        self.calls.clear()
        self.conferences.clear()
        self.recordings.clear()
        self.phones.reset()
        self.debugger.clear()
        self.dialling_rate.reset()
        self.clock.reset()
        self.log.clear()

    async def close(self) -> None:
        """End every course and connection; nothing is delivered any more."""
        self._let_go()
        for call in self.live_calls():
            if call.script is not None:
                call.script.stop()
        await self.webhooks.close()

    def _let_go(self) -> None:
        self.unanswered.set()
        self.unanswered = asyncio.Event()
