"""The guide that ``make run`` prints: lines that can be pasted into another terminal, in the order of a call."""

_GUIDE = """
Hookflash is running: the controller on {controller}, the simulator on {simulator}.
Agents alice (1001), bob (1002) and carol (1003); the password of each is demo. Paste these into another terminal:

  # 1. A customer calls the line that rings alice; alice answers; both hear each other.
  CALL=$(curl -s -X POST {simulator}/simulator/phones/+15550100001/call -d '{{"to": "+15550001001"}}' -H 'Content-Type: application/json' | python3 -c 'import json,sys; print(json.load(sys.stdin)["call_sid"])')
  sleep 1; ALICE=$(curl -s {simulator}/simulator/phones/client:alice | python3 -c 'import json,sys; print(json.load(sys.stdin)["calls"][0]["call_sid"])')
  curl -s -X POST {simulator}/simulator/calls/$ALICE/answer
  sleep 1; curl -s {simulator}/simulator/calls/$CALL

  # 2. Evo Voice: hold the customer, look, bring them back.
  SESSION=$(curl -s -u alice:demo {controller}/sessions/active | python3 -c 'import json,sys; print(json.load(sys.stdin)["sessions"][0]["id"])')
  curl -s -u alice:demo -X POST {controller}/sessions/$SESSION/hold -H 'Content-Type: application/json' -d '{{"reason": "Transferring"}}'
  curl -s {simulator}/simulator/calls/$CALL
  curl -s -u alice:demo -X PATCH {controller}/sessions/$SESSION -H 'Content-Type: application/json' -d '{{"callState": "Connected"}}'

  # 3. Call API: find the call, hold it with a spoken message, and end the hold.
  NUMBER=$(curl -s {controller}/v4.0 -H 'Content-Type: application/json' -d '{{"jsonrpc": "2.0", "id": 1, "method": "list.calls", "params": {{"access_token": "demo-access-token"}}}}' | python3 -c 'import json,sys; print(json.load(sys.stdin)["result"]["data"][0]["call_session_id"])')
  curl -s {controller}/v4.0 -H 'Content-Type: application/json' -d "{{\\"jsonrpc\\": \\"2.0\\", \\"id\\": 2, \\"method\\": \\"hold.call\\", \\"params\\": {{\\"access_token\\": \\"demo-access-token\\", \\"call_session_id\\": $NUMBER, \\"contact_message\\": {{\\"type\\": \\"tts\\", \\"value\\": \\"One moment please\\"}}}}}}"
  curl -s {simulator}/simulator/calls/$CALL
  curl -s {controller}/v4.0 -H 'Content-Type: application/json' -d "{{\\"jsonrpc\\": \\"2.0\\", \\"id\\": 3, \\"method\\": \\"unhold.call\\", \\"params\\": {{\\"access_token\\": \\"demo-access-token\\", \\"call_session_id\\": $NUMBER}}}}"

  # 4. Workspace: bring bob in (the customer is held meanwhile), make it a conference, note how it came out.
  ID=$(curl -s -u alice:demo '{controller}/api/v2/me/calls?fields=*' | python3 -c 'import json,sys; print(json.load(sys.stdin)["calls"][0]["id"])')
  curl -s -u alice:demo {controller}/api/v2/me/calls/$ID -H 'Content-Type: application/json' -d '{{"operationName": "InitiateConference", "destination": {{"phoneNumber": "1002"}}}}'
  sleep 1; BOB=$(curl -s {simulator}/simulator/phones/client:bob | python3 -c 'import json,sys; print(json.load(sys.stdin)["calls"][0]["call_sid"])')
  curl -s -X POST {simulator}/simulator/calls/$BOB/answer
  sleep 1; curl -s -u alice:demo {controller}/api/v2/me/calls/$ID -H 'Content-Type: application/json' -d '{{"operationName": "CompleteConference"}}'
  curl -s {simulator}/simulator/conferences
  curl -s -u alice:demo {controller}/api/v2/me/calls/$ID -H 'Content-Type: application/json' -d '{{"operationName": "SetCallDisposition", "disposition": "Referred"}}'

  # 5. The customer hangs up, and nothing is left over. Every webhook, document and request of the call is in the log.
  curl -s -X POST {simulator}/simulator/calls/$CALL/hangup
  sleep 1; curl -s {simulator}/simulator/conferences; curl -s {simulator}/simulator/log

Ctrl-C stops what was started here.
"""


def text(controller: str, simulator: str) -> str:
    """Return the guide for the addresses that are really in use."""
    return _GUIDE.format(controller=controller, simulator=simulator)
