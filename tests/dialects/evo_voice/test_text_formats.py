"""JSV and CSV, as far as they go, and batches in XML."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

from app.dialects.evo_voice.contracts import SessionInfo, SessionLogInfo
from app.dialects.evo_voice.writers import to_jsv
from tests.dialects.evo_voice.conftest import Client

SESSIONS = "http://schemas.datacontract.org/2004/07/Voice.Api.Sessions"


def test_jsv_is_json_that_quotes_only_where_it_must() -> None:
    info = SessionInfo(id="S1", console_data='say "hi", you', log=(SessionLogInfo(message="held"),))
    text = to_jsv(info)
    assert text.startswith("{dialState:None,callState:Disconnected,")
    assert 'consoleData:"say ""hi"", you"' in text
    assert "log:[{message:held}]" in text


def test_csv_has_a_row_for_each_session_and_is_named_after_the_operation(send: Client) -> None:
    first, second = send.control.talk(), send.control.talk()
    answer = send("GET", "/sessions.csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=ListSessions.csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["id"], row["callState"]) for row in rows] == [(second.id, "Connected"), (first.id, "Connected")]
    assert "Answered by Alice" in rows[0]["log"]


def test_an_empty_list_is_an_empty_csv(send: Client) -> None:
    assert send("GET", "/sessions?format=csv").text == ""


def test_a_batch_in_xml_answers_an_array_in_xml(send: Client) -> None:
    made = [send.control.talk().id, send.control.talk().id]
    items = "".join(f"<HoldSession><SessionId>{one}</SessionId></HoldSession>" for one in made)
    answer = send(
        "POST", "/xml/reply/HoldSession[]", data=f'<ArrayOfHoldSession xmlns="{SESSIONS}">{items}</ArrayOfHoldSession>'
    )
    root = ElementTree.fromstring(answer.data)
    assert root.tag == f"{{{SESSIONS}}}ArrayOfSessionInfo"
    assert [element.findtext(f"{{{SESSIONS}}}CallState") for element in root] == ["Hold", "Hold"]
