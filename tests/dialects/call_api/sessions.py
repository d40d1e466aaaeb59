"""Sessions as they are in each phase, written out by hand: a contact +15550100001 on line +15550001001, alice, and bob as third party."""

from __future__ import annotations

from dataclasses import replace

from app.core.session import Consult, Hold, Leg, Move, Party, Place, Purpose, Role, Route, Session, Status

ACCOUNT = "65a000000000000000000001"
OTHER_ACCOUNT = "65a000000000000000000002"
STARTED = 1_770_110_107.201  # 2026-02-03T09:15:07.201Z
NUMBER = 700012
SESSION_ID = "65b000000000000000000007"

CONTACT = Party("+15550100001", "+15550100001")
ALICE = Party("client:alice", "Alice", "65c000000000000000000001", "1001")
BOB = Party("client:bob", "Bob", "65c000000000000000000002", "1002")


def leg(n: int, role: Role, party: Party, **changes: object) -> Leg:
    """An answered leg in the conference."""
    base = Leg(
        id=f"{SESSION_ID}-{n}",
        n=n,
        role=role,
        party=party,
        caller="+15550001001" if n else party.address,
        view=0,
        created_at=STARTED + n,
        inbound=n == 0,
        status=Status.ANSWERED,
        place=Place.CONFERENCE,
        call_sid=f"CA{n:032x}",
        answered_at=STARTED + n,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def ringing() -> Session:
    """A contact on a direct line, alice's softphone rings."""
    return Session(
        id=SESSION_ID,
        number=NUMBER,
        account_id=ACCOUNT,
        line="+15550001001",
        direction="in",
        started_at=STARTED,
        legs=(leg(0, Role.CUSTOMER, CONTACT), leg(1, Role.AGENT, ALICE, status=Status.RINGING, answered_at=None)),
        route=Route(None, None, (ALICE,)),
    )


def queued() -> Session:
    """A contact in a ring queue, alice's softphone rings."""
    return replace(ringing(), line="+15550001000", route=Route("support", "65d000000000000000000001", (ALICE,)))


def talking() -> Session:
    """Alice talks with the contact."""
    return replace(
        ringing(), legs=(leg(0, Role.CUSTOMER, CONTACT), leg(1, Role.AGENT, ALICE)), answered_at=STARTED + 4, route=None
    )


def held() -> Session:
    """Alice has put the contact on hold."""
    return replace(talking().with_leg(f"{SESSION_ID}-0", held=True), hold=Hold(since=STARTED + 9))


def parked() -> Session:
    """The contact waits without an agent."""
    gone = talking().with_leg(f"{SESSION_ID}-1", status=Status.ENDED, ended_at=STARTED + 9)
    waiting = gone.with_leg(f"{SESSION_ID}-0", move=Move.PARK, place=Place.QUEUE)
    return replace(waiting, hold=Hold(since=STARTED + 9))


def consulting(answered: bool) -> Session:
    """The contact is on hold, alice has called bob."""
    session = held()
    third = leg(2, Role.CONSULT, BOB, status=Status.ANSWERED if answered else Status.RINGING, via_consult=True, view=1)
    consult = Consult(third.id, f"{SESSION_ID}-1", Purpose.TRANSFER, STARTED + 12, Hold(since=STARTED + 9))
    return replace(session, legs=(*session.legs, third), consult=consult)


def transferred() -> Session:
    """Bob has been given the contact, alice has left."""
    return replace(
        talking(),
        legs=(
            leg(0, Role.CUSTOMER, CONTACT),
            leg(1, Role.AGENT, ALICE, status=Status.ENDED, ended_at=STARTED + 20),
            leg(2, Role.AGENT, BOB, via_consult=True, view=1),
        ),
    )


def ended() -> Session:
    """Everybody has hung up."""
    session = talking()
    for each in session.legs:
        session = session.with_leg(each.id, status=Status.ENDED, ended_at=STARTED + 30)
    return replace(session, ended_at=STARTED + 30)
