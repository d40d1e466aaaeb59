"""XML as .NET's data contract serializer writes and reads it. The order of elements is the published page's, written down by hand."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from app.dialects.evo_voice.contracts import (
    CustomerBreadcrumb,
    SessionInfo,
    SessionList,
    SessionLogInfo,
    SessionMemberInfo,
)
from app.dialects.evo_voice.writer_xml import to_xml
from tests.dialects.evo_voice.conftest import Client

CLR = "http://schemas.datacontract.org/2004/07/"
SESSIONS = CLR + "Voice.Api.Sessions"
PUBLISHED_ORDER = [
    "CreatedBy",
    "DateCreated",
    "DateLastModified",
    "Id",
    "LastModifiedBy",
    "AccountId",
    "AccountName",
    "AnsweredById",
    "AnsweredByName",
    "CallSid",
    "CallState",
    "CallbackNumber",
    "Channel",
    "ConferenceSid",
    "ConsoleData",
    "CustomerBreadcrumb",
    "CustomerId",
    "CustomerName",
    "DateCompleted",
    "Destination",
    "DialState",
    "Direction",
    "DisplayName",
    "Ended",
    "EndpointId",
    "EndpointName",
    "FromAddress",
    "FromName",
    "FromPhoneNumber",
    "HeldByUserId",
    "HoldQueueName",
    "HoldReason",
    "Log",
    "Members",
    "MostRecentParticipantCallSid",
    "Outcome",
    "QueueMemberId",
    "QueueState",
    "RingQueueId",
    "ToAddress",
    "WasMissed",
]
MEMBER_ORDER = [
    "ApplicationData",
    "AvatarUrl",
    "CallSid",
    "CallState",
    "DisplayName",
    "EndpointId",
    "Identity",
    "IsOriginalMember",
    "Muted",
    "Role",
]


def hold_xml(body: str, root: str = "HoldSession", namespace: str = SESSIONS) -> str:
    return f'<{root} xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="{namespace}">{body}</{root}>'


def test_the_hold_reply_has_the_published_elements_in_the_published_order(send: Client) -> None:
    session = send.control.talk()
    answer = send(
        "POST",
        f"/sessions/{session.id}/hold",
        data=hold_xml(
            f"<CallSid>{session.legs[1].call_sid}</CallSid><Reason>Transferring</Reason><SessionId>{session.id}</SessionId>"
        ),
        headers={"Accept": "application/xml", "Content-Type": "application/xml"},
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml")
    opening = '<?xml version="1.0" encoding="utf-8"?><SessionInfo xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
    assert answer.text.startswith(f'{opening}xmlns="{SESSIONS}"><CreatedBy xmlns="{CLR}Voice.Api">system</CreatedBy>')
    root = ElementTree.fromstring(answer.data)
    assert [element.tag.partition("}")[2] for element in root] == PUBLISHED_ORDER
    own = root.findall(f"{{{SESSIONS}}}HoldReason")
    assert [element.text for element in own] == ["Transferring"]
    members = root.find(f"{{{SESSIONS}}}Members")
    assert members is not None
    assert [element.tag.partition("}")[2] for element in members[0]] == MEMBER_ORDER


def test_every_byte_of_a_filled_session_is_as_published() -> None:
    info = SessionInfo(
        id="S1",
        created_by="me",
        account_id="A & B",
        customer_breadcrumb=(CustomerBreadcrumb(id="C1", name="<root>"),),
        log=(SessionLogInfo(date="today", message="held"),),
        members=(SessionMemberInfo(identity="alice", application_data={"k": "v"}),),
    )
    text = to_xml(info)
    assert f'<DateCreated i:nil="true" xmlns="{CLR}Voice.Api" /><DateLastModified' in text
    assert '<AccountId>A &amp; B</AccountId><AccountName i:nil="true" />' in text
    assert (
        f'<CustomerBreadcrumb xmlns:d2p1="{CLR}Voice.Api.Customers"><d2p1:CustomerBreadcrumb><d2p1:Id>C1</d2p1:Id>'
        '<d2p1:Name>&lt;root&gt;</d2p1:Name></d2p1:CustomerBreadcrumb></CustomerBreadcrumb><CustomerId i:nil="true" />'
    ) in text
    assert "<Log><SessionLogInfo><Date>today</Date><Message>held</Message></SessionLogInfo></Log>" in text
    assert (
        '<Members><SessionMemberInfo><ApplicationData xmlns:d4p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays">'
        "<d4p1:KeyValueOfstringstring><d4p1:Key>k</d4p1:Key><d4p1:Value>v</d4p1:Value></d4p1:KeyValueOfstringstring></ApplicationData>"
        '<AvatarUrl i:nil="true" />'
    ) in text
    assert text.endswith('<ToAddress i:nil="true" /><WasMissed>false</WasMissed></SessionInfo>')


def test_a_list_has_the_digested_name_and_prefixed_items() -> None:
    item = SessionInfo(id="S1", customer_breadcrumb=(CustomerBreadcrumb(id="C1"),), members=(SessionMemberInfo(),))
    text = to_xml(SessionList(items=(item,), total_count=1, total_pages=1))
    assert (
        f'<ListResponseOfSessionInfoBWxtuWQa xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="{CLR}Voice.Api">'
        in text
    )
    # Inherited members are of the list's own namespace, so there they need no declaration.
    assert (
        f'<HasMorePages>false</HasMorePages><Items xmlns:d2p1="{SESSIONS}"><d2p1:SessionInfo><CreatedBy i:nil="true" />'
        in text
    )
    assert (
        f'<d2p1:CustomerBreadcrumb xmlns:d4p1="{CLR}Voice.Api.Customers"><d4p1:CustomerBreadcrumb><d4p1:Id>C1' in text
    )
    assert '<d2p1:ApplicationData xmlns:d6p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays" />' in text
    assert text.endswith(
        "</d2p1:SessionInfo></Items><TotalCount>1</TotalCount><TotalPages>1</TotalPages></ListResponseOfSessionInfoBWxtuWQa>"
    )
    ElementTree.fromstring(text)


def test_an_empty_list_is_an_empty_element() -> None:
    assert "<Log />" in to_xml(SessionInfo())


def test_text_that_xml_cannot_hold_still_gives_a_document() -> None:
    root = ElementTree.fromstring(to_xml(SessionInfo(console_data="a\x01\ufffe\r\nb\u2028\U0001f600")))
    assert root.findtext(f"{{{SESSIONS}}}ConsoleData") == "a\ufffd\ufffd\r\nb\u2028\U0001f600"


def test_errors_are_an_error_response(send: Client) -> None:
    answer = send("GET", f"/sessions/{'0' * 24}", headers={"Accept": "application/xml"})
    assert answer.status == "404 NotFound"
    assert answer.text == (
        '<?xml version="1.0" encoding="utf-8"?><ErrorResponse xmlns:i="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns="http://schemas.servicestack.net/types"><ResponseStatus><ErrorCode>NotFound</ErrorCode>'
        f'<Message>Session {"0" * 24} does not exist</Message><StackTrace i:nil="true" /><Errors />'
        '<Meta xmlns:d3p1="http://schemas.microsoft.com/2003/10/Serialization/Arrays" i:nil="true" /></ResponseStatus></ErrorResponse>'
    )


def test_known_elements_count_in_any_order_and_unknown_ones_are_skipped(send: Client) -> None:
    session = send.control.talk()
    body = hold_xml(f"<SessionId>{session.id}</SessionId><Colour>red</Colour><Reason>Transferring</Reason>")
    answer = send("POST", "/xml/reply/HoldSession", data=body)
    assert "<HoldReason>Transferring</HoldReason>" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        hold_xml("<Reason>None</Reason>", root="EndSession"),
        hold_xml("<Reason>None</Reason>", namespace="urn:other"),
        "<HoldSession><Reason>None</Reason></HoldSession>",
        hold_xml("<Reason>transferring</Reason>"),
        hold_xml("<Reason>Bogus</Reason>"),
        "<HoldSession",
        "",
        '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + hold_xml("<CallSid>&a;</CallSid>"),
        "<!DOCTYPE HoldSession>" + hold_xml("<Reason>None</Reason>"),
        '<?xml version="1.0" encoding="klingon"?>' + hold_xml(""),
        hold_xml("<a>" * 5000 + "</a>" * 5000),
    ],
    ids=[
        "root",
        "namespace",
        "no namespace",
        "enum case",
        "enum",
        "cut off",
        "nothing",
        "entity",
        "dtd",
        "encoding",
        "deep",
    ],
)
def test_xml_that_is_not_the_contract_is_refused_and_holds_nobody(send: Client, body: str) -> None:
    path = f"/sessions/{send.control.talk().id}/hold"
    answer = send("POST", path, data=body or " ", headers={"Content-Type": "application/xml"})
    assert answer.status == "400 Bad Request"
    status = answer.get_json()["responseStatus"]
    assert status["errorCode"] == "SerializationException"
    assert status["message"].startswith(
        "Could not deserialize 'application/xml' request using Voice.Api.Sessions.HoldSession"
    )
    assert send.control.commands == []
