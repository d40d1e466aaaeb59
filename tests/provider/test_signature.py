"""Whether a webhook comes from Twilio: the signature covers the address and every parameter."""

from __future__ import annotations

import base64
import hashlib
import hmac

from werkzeug.datastructures import MultiDict

from app.provider.signature import SignatureCheck

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = {"CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309"}


def signed(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """Twilio: HMAC-SHA1, with the token, of the address followed by each parameter's name and value, sorted by name; Base64."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


def test_a_signature_made_as_twilio_documents_it_is_valid() -> None:
    assert SignatureCheck([TOKEN]).valid(URL, FORM, signed(URL, FORM))


def test_a_signature_of_anything_else_is_not() -> None:
    check, right = SignatureCheck([TOKEN]), signed(URL, FORM)
    assert not check.valid(URL, {**FORM, "Digits": "9999"}, right)
    assert not check.valid(URL, {**FORM, "More": "1"}, right)
    assert not check.valid(URL + "3", FORM, right)
    assert not check.valid(URL, FORM, signed(URL, FORM, "other"))
    for missing in (None, "", "x"):
        assert not check.valid(URL, FORM, missing)


def test_both_tokens_are_good_while_one_is_being_rotated() -> None:
    check = SignatureCheck(["new", "old"])
    assert check.valid(URL, FORM, signed(URL, FORM, "new"))
    assert check.valid(URL, FORM, signed(URL, FORM, "old"))
    assert not check.valid(URL, FORM, signed(URL, FORM, "older"))


def test_without_a_token_nothing_is_valid() -> None:
    for tokens in ([], [""], ["", ""]):
        assert not SignatureCheck(tokens).valid(URL, FORM, signed(URL, FORM, ""))


def test_a_repeated_name_is_signed_with_all_its_values() -> None:
    form = MultiDict([("A", "1"), ("A", "2")])
    right = base64.b64encode(hmac.digest(TOKEN.encode(), f"{URL}A1A2".encode(), hashlib.sha1)).decode()
    assert SignatureCheck([TOKEN]).valid(URL, form, right)
