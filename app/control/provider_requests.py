"""What an intent is as a request to the provider, and what fact its reply is. One intent is one request.

Where the outcome of an earlier try is unknown it looks first: a leg is created at most once per intent, since its label is our leg id.
"""

from app.control.addresses import Addresses
from app.core import facts as f
from app.core.intents import Announce, CreateLeg, EndLeg, Intent, MoveLeg, OpenUp, RemoveLeg, SetHold, SetMute
from app.core.session import Leg, Move, Session
from app.provider.errors import NOT_IN_PROGRESS, Meaning, ProviderError
from app.provider.port import Provider

_LIVE = ("queued", "initiated", "ringing", "in-progress")  # Twilio's words for a call that is not over


class ProviderRequests:
    """Makes the requests. Knows the provider and our own addresses, nothing of the store."""

    def __init__(self, provider: Provider, addresses: Addresses, ring_seconds: int, caller_id: str = "") -> None:
        self._provider = provider
        self._addresses = addresses
        self._ring_seconds = ring_seconds
        self._caller_id = caller_id

    def ask(self, session: Session, intent: Intent, repeated: bool) -> f.Fact:
        """Make the request and return the fact its reply is. ``repeated``: one may have been made before, with what outcome nobody
        knows. Raises ProviderError."""
        leg = session.leg(intent.leg_id)
        provider, urls = self._provider, self._addresses
        if isinstance(intent, CreateLeg):
            return self._create(session, intent, repeated)
        call_sid = self._call_sid(session, intent)
        if isinstance(intent, SetHold):
            if repeated and self._is_held(session, call_sid) is intent.held:
                return f.HoldChanged(call_sid, intent.held)
            only = session.leg(intent.heard_by).call_sid if intent.heard_by is not None else None
            provider.set_hold(_conference(session), call_sid, intent.held, urls.hold(session.id, leg.id), only)
            return f.HoldChanged(call_sid, intent.held)
        if isinstance(intent, SetMute):
            provider.set_mute(_conference(session), call_sid, intent.muted)
            return f.MuteChanged(call_sid, intent.muted)
        if isinstance(intent, OpenUp):
            provider.open_up(_conference(session), call_sid)
        elif isinstance(intent, EndLeg):
            provider.hang_up(intent.call_sid or call_sid)
        elif isinstance(intent, RemoveLeg):
            provider.remove(_conference(session), call_sid)
        elif isinstance(intent, Announce):
            greets = intent.what == "greeting"
            heard = urls.announcement(session.id, intent.what or "digits", intent.digits)
            provider.announce(_conference(session), call_sid, urls.greeting(session.id, leg.id) if greets else heard)
        else:
            self._move(session, intent, call_sid)
        return f.IntentDone(intent)

    def _create(self, session: Session, intent: CreateLeg, repeated: bool) -> f.Fact:
        leg = session.leg(intent.leg_id)
        provider, urls = self._provider, self._addresses
        created = (
            provider.find_participant(session.conference_name, session.conference_sid, leg.id) if repeated else None
        )
        if created is None:
            created = provider.create_participant(
                session.conference_name,
                label=leg.id,
                to=leg.party.address,
                caller=self._caller(leg),
                # The provider lets a phone ring about five seconds longer than asked.
                timeout=max(5, self._ring_seconds - 5),
                progress_url=urls.progress(session.id, leg.id),
                wait_url=urls.wait(session.id),
                conference_url=urls.conference(session.id),
            )
        return f.LegCreated(leg.id, created.call_sid, created.conference_sid)

    def _move(self, session: Session, intent: MoveLeg, call_sid: str) -> None:
        leg = session.leg(intent.leg_id)
        provider, urls = self._provider, self._addresses
        if intent.to is Move.PARK:
            self._redirect(call_sid, urls.queue(session.id))
        elif intent.to is Move.FAREWELL:
            self._redirect(call_sid, urls.farewell(session.id))
        else:
            try:
                if leg.queue_sid is not None:
                    provider.dequeue(leg.queue_sid, call_sid, urls.join(session.id))
                    return
            except ProviderError as error:
                if error.meaning is not Meaning.GONE:
                    raise
            # Not (or no longer) a member of the queue: the call itself can still be sent, if it is there.
            self._redirect(call_sid, urls.join(session.id))

    def _redirect(self, call_sid: str, url: str) -> None:
        """Send a call to another document. Of a call that still rings Twilio says what it says of one that is over: that is not gone."""
        provider = self._provider
        try:
            provider.redirect(call_sid, url)
        except ProviderError as error:
            if error.code == NOT_IN_PROGRESS and provider.call_status(call_sid) in _LIVE:
                raise ProviderError(Meaning.AGAIN, error.text, error.code) from error
            raise

    def _caller(self, leg: Leg) -> str:
        """Return the number a party is shown: the session's own line, or what the settings say for outside phones."""
        return leg.caller if leg.party.address.startswith("client:") else self._caller_id or leg.caller

    def _call_sid(self, session: Session, intent: Intent) -> str:
        call_sid = session.leg(intent.leg_id).call_sid
        if call_sid is None:
            raise ProviderError(Meaning.REFUSED, "the leg has not been created")
        return call_sid

    def _is_held(self, session: Session, call_sid: str) -> bool | None:
        """Read back after an unknown outcome: the state follows the provider, not the reply."""
        seen = self._provider.participants(_conference(session))
        return next((one.held for one in seen if one.call_sid == call_sid), None)


def _conference(session: Session) -> str:
    if session.conference_sid is None:
        raise ProviderError(Meaning.REFUSED, "the conference has not begun or is over")
    return session.conference_sid
