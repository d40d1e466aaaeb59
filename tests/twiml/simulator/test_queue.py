"""Queues: waiting, position, being taken out in every way, and what the action is told when."""

from __future__ import annotations

import uuid

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.support.waiting import always, until
from tests.support.webhook_receiver import Reply
from tests.twiml.simulator.documents import dial, element, enqueue, queue, redirect, response, say
from tests.twiml.simulator.world import ALICE, CALLER, LINE, SECOND_CALLER, THIRD_CALLER, World

WAITING_MESSAGE = "you are waiting"


@pytest.fixture
def name() -> str:
    """A queue of this test's own: queues outlive calls."""
    return f"queue-{uuid.uuid4().hex[:8]}"


def queued(world: World, name: str, caller: str = CALLER, **attributes: object) -> str:
    """A caller who waits in the queue; its action is /left and answers a sentence."""
    wait = world.app.on("/queue-wait", response(say(WAITING_MESSAGE)))
    action = world.app.on("/left", response(say("after the queue", loop=0)))
    wanted = {"waitUrl": wait, "action": action, **attributes}
    call = world.call_in(response(enqueue(name, **wanted)), caller)
    until(lambda: call in members(world, name))
    return call


def members(world: World, name: str) -> tuple[str, ...]:
    waiting = world.simulator.queue(name)
    return waiting.members if waiting else ()


def queue_sid(world: World, name: str) -> str:
    waiting = world.simulator.queue(name)
    assert waiting is not None
    return waiting.sid


def agent_takes_from(world: World, name: str, caller: str = SECOND_CALLER, url: str = "") -> str:
    """Somebody whose call dials the queue, with an action at /agent-after."""
    action = world.app.on("/agent-after", response(say("next customer", loop=0)))
    noun = queue(name, url=url) if url else queue(name)
    return world.call_in(response(dial(noun, action=action)), caller)


def test_waiting_caller_hears_the_wait_document_again_and_again(world: World, name: str) -> None:
    caller = queued(world, name)
    for rounds in (1, 2, 3):
        world.app.wait_for("/queue-wait", count=rounds)
        world.wait_now(caller, f"say: {WAITING_MESSAGE}")
        world.simulator.advance(2)
    assert world.simulator.hearing(caller).kind == "queue"


def test_each_round_tells_the_present_position(world: World, name: str) -> None:
    first = queued(world, name)
    second = queued(world, name, SECOND_CALLER)
    told = world.app.wait_for_one("/queue-wait", CallSid=second)
    assert (told.params["QueuePosition"], told.params["CurrentQueueSize"]) == ("2", "2")
    world.simulator.hangup(first)
    until(lambda: members(world, name) == (second,))
    told = world.app.wait_for_one("/queue-wait", CallSid=second, QueuePosition="1")
    assert (told.params["CurrentQueueSize"], told.params["QueueSid"]) == ("1", queue_sid(world, name))
    world.simulator.advance(30)

    def waited() -> int:
        return max(int(r.params["QueueTime"]) for r in world.app.received("/queue-wait", CallSid=second))

    until(lambda: waited() >= 30)


def test_queue_is_made_on_demand_for_a_thousand_callers(world: World, name: str) -> None:
    queued(world, name)
    made = next(item for item in world.client.queues.list() if item.friendly_name == name)
    assert (made.max_size, made.current_size) == (1000, 1)


def test_queue_created_by_rest_is_the_same_queue(world: World, name: str) -> None:
    made = world.client.queues.create(friendly_name=name, max_size=5)
    queued(world, name)
    fetched = world.client.queues(made.sid).fetch()
    assert (fetched.max_size, fetched.current_size, fetched.friendly_name) == (5, 1, name)


def test_queue_with_callers_cannot_be_deleted_an_empty_one_can(world: World, name: str) -> None:
    caller = queued(world, name)
    sid = queue_sid(world, name)
    with pytest.raises(TwilioRestException) as refused:
        world.client.queues(sid).delete()
    assert refused.value.status in (400, 409)
    world.simulator.hangup(caller)
    until(lambda: members(world, name) == ())
    assert world.client.queues(sid).delete()
    assert world.raw("GET", f"/Queues/{sid}.json").status_code == 404


@pytest.mark.parametrize(
    "form", [{}, {"FriendlyName": "x" * 65}, {"FriendlyName": "big", "MaxSize": "5001"}], ids=["none", "long", "big"]
)
def test_bad_queue_is_refused(world: World, form: dict[str, str]) -> None:
    assert world.raw("POST", "/Queues.json", form).status_code == 400


def test_member_taken_out_by_rest_runs_the_new_document_and_the_action_hears_at_once(world: World, name: str) -> None:
    caller = queued(world, name)
    world.simulator.advance(10)
    url = world.app.on("/taken", response(say("your turn", loop=0)))
    taken = world.client.queues(queue_sid(world, name)).members(caller).update(url=url, method="POST")
    assert taken.call_sid == caller
    world.wait_now(caller, "say: your turn")
    left = world.app.wait_for_one("/left")
    assert (left.params["QueueResult"], left.params["CallSid"]) == ("redirected", caller)
    assert (left.params["QueueSid"], int(left.params["QueueTime"]) >= 10) == (queue_sid(world, name), True)
    assert members(world, name) == ()
    always(lambda: world.simulator.hearing(caller).now == "say: your turn", during=0.2)


def test_second_dequeue_of_the_same_caller_is_404(world: World, name: str) -> None:
    caller = queued(world, name)
    sid = queue_sid(world, name)
    url = world.app.on("/taken", response(say("your turn", loop=0)))
    world.client.queues(sid).members(caller).update(url=url)
    with pytest.raises(TwilioRestException) as refused:
        world.client.queues(sid).members(caller).update(url=url)
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_front_takes_one_after_the_other(world: World, name: str) -> None:
    callers = [queued(world, name, caller) for caller in (CALLER, SECOND_CALLER, THIRD_CALLER)]
    sid = queue_sid(world, name)
    assert members(world, name) == tuple(callers)
    assert world.client.queues(sid).members("Front").fetch().call_sid == callers[0]
    url = world.app.on("/taken", response(say("your turn", loop=0)))
    taken = [world.client.queues(sid).members("Front").update(url=url).call_sid for _ in callers]
    assert taken == callers
    with pytest.raises(TwilioRestException) as refused:
        world.client.queues(sid).members("Front").update(url=url)
    assert refused.value.status == 404


def test_dequeue_needs_a_url(world: World, name: str) -> None:
    caller = queued(world, name)
    answer = world.raw("POST", f"/Queues/{queue_sid(world, name)}/Members/{caller}.json", {})
    assert answer.status_code == 400
    assert members(world, name) == (caller,)


def test_call_update_takes_a_waiting_caller_out_as_redirected(world: World, name: str) -> None:
    caller = queued(world, name)
    world.client.calls(caller).update(twiml=response(say("elsewhere", loop=0)))
    world.wait_now(caller, "say: elsewhere")
    assert world.app.wait_for_one("/left").params["QueueResult"] == "redirected"
    assert members(world, name) == ()


def test_caller_who_hangs_up_is_told_to_the_action_at_once(world: World, name: str) -> None:
    caller = queued(world, name)
    world.simulator.hangup(caller)
    left = world.app.wait_for_one("/left")
    assert (left.params["QueueResult"], left.params["CallSid"]) == ("hangup", caller)
    assert world.wait_ended(caller) == "completed"
    until(lambda: members(world, name) == ())


def test_leave_in_the_wait_document_goes_to_the_action(world: World, name: str) -> None:
    wait = world.app.on("/impatient", response(say("too long"), element("Leave")))
    action = world.app.on("/left", response(say("after the queue", loop=0)))
    caller = world.call_in(response(enqueue(name, waitUrl=wait, action=action)))
    world.wait_now(caller, "say: too long")
    world.simulator.advance(2)
    assert world.app.wait_for_one("/left").params["QueueResult"] == "leave"
    world.wait_now(caller, "say: after the queue")


def test_without_an_action_the_next_verb_follows(world: World, name: str) -> None:
    wait = world.app.on("/impatient", response(element("Leave")))
    caller = world.call_in(response(enqueue(name, waitUrl=wait), say("next verb", loop=0)))
    world.wait_now(caller, "say: next verb")


def test_full_queue_turns_the_next_caller_away(world: World, name: str) -> None:
    world.client.queues.create(friendly_name=name, max_size=1)
    queued(world, name)
    document = response(enqueue(name, waitUrl=world.app.url("/queue-wait"), action=world.app.url("/left")))
    second = world.call_in(document, SECOND_CALLER)
    assert world.app.wait_for_one("/left", CallSid=second).params["QueueResult"] == "queue-full"
    world.wait_now(second, "say: after the queue")


def test_caller_bridged_to_an_agent_is_told_only_when_the_talk_is_over(world: World, name: str) -> None:
    caller = queued(world, name)
    agent = agent_takes_from(world, name)
    world.wait_hears(caller, agent)
    world.wait_hears(agent, caller)
    assert members(world, name) == ()
    always(lambda: world.app.received("/left") == [])
    world.simulator.hangup(agent)
    assert world.app.wait_for_one("/left").params["QueueResult"] == "bridged"
    world.wait_now(caller, "say: after the queue")


def test_bridged_caller_redirected_by_rest_is_told_at_once(world: World, name: str) -> None:
    caller = queued(world, name)
    agent = agent_takes_from(world, name)
    world.wait_hears(caller, agent)
    world.client.calls(caller).update(twiml=response(say("elsewhere", loop=0)))
    assert world.app.wait_for_one("/left").params["QueueResult"] == "redirected-from-bridged"
    world.wait_now(caller, "say: elsewhere")
    world.wait_now(agent, "say: next customer")


def test_waiting_caller_hears_the_agents_document_before_the_bridge(world: World, name: str) -> None:
    caller = queued(world, name)
    announce = world.app.on("/connecting", response(say("connecting you now")))
    agent = agent_takes_from(world, name, url=announce)
    asked = world.app.wait_for_one("/connecting")
    assert (asked.params["CallSid"], asked.params["DequeingCallSid"]) == (caller, agent)
    assert asked.params["QueueSid"] == queue_sid(world, name)
    assert asked.params["QueueTime"].isdigit()
    world.wait_now(caller, "say: connecting you now")
    world.simulator.advance(3)
    world.wait_hears(caller, agent)


def test_agents_action_learns_which_queue_it_was(world: World, name: str) -> None:
    caller = queued(world, name)
    agent = agent_takes_from(world, name)
    world.wait_hears(agent, caller)
    world.simulator.hangup(caller)
    told = world.app.wait_for_one("/agent-after")
    assert told.params["QueueSid"] == queue_sid(world, name)
    assert told.params["DialCallStatus"] == "completed"


def test_agent_waits_for_a_caller_in_an_empty_queue(world: World, name: str) -> None:
    world.client.queues.create(friendly_name=name)
    agent = agent_takes_from(world, name)
    world.wait_status(agent, "in-progress")
    wait = world.app.on("/queue-wait", response(say(WAITING_MESSAGE)))
    caller = world.call_in(response(enqueue(name, waitUrl=wait)))
    world.wait_hears(agent, caller)


def test_caller_moves_from_queue_to_conference_in_one_request(world: World, name: str) -> None:
    room = world.room_name()
    caller = queued(world, name)
    document = response(f"<Dial><Conference waitUrl='{world.app.url('/wait')}'>{room}</Conference></Dial>")
    url = world.app.on("/into-the-room", document)
    agent = world.agent_joins(room)
    world.client.queues(queue_sid(world, name)).members(caller).update(url=url, method="POST")
    world.wait_hears(agent, caller)


def test_wait_document_that_cannot_be_had_is_replaced_by_music(world: World, name: str) -> None:
    caller = queued(world, name, waitUrl=world.app.on("/nothing-here", Reply(status=404)))
    until(lambda: (world.simulator.hearing(caller).now or "").startswith("play: "))
    assert world.simulator.hearing(caller).kind == "queue"


def test_gather_in_the_wait_document_takes_digits(world: World, name: str) -> None:
    pressed = world.app.on("/pressed", response(element("Leave")))
    prompt = element("Gather", say("press one to leave"), action=pressed, numDigits=1)
    wait = world.app.on("/asking", response(prompt, redirect()))
    caller = queued(world, name, waitUrl=wait)
    world.wait_now(caller, "say: press one to leave")
    world.simulator.digits(caller, "1")
    assert world.app.wait_for_one("/left").params["QueueResult"] == "leave"


def test_leg_created_by_rest_can_wait_in_a_queue_too(world: World, name: str) -> None:
    world.simulator.set_phone(ALICE, "answer")
    wait = world.app.on("/queue-wait", response(say(WAITING_MESSAGE)))
    call = world.client.calls.create(to=ALICE, from_=LINE, twiml=response(enqueue(name, waitUrl=wait)))
    until(lambda: members(world, name) == (call.sid,))
