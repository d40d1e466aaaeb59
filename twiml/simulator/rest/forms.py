"""Form parameters of REST requests: PascalCase names, case-sensitive, arrays as repeated keys."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl

from ..delivery import BadUrl, parse_target
from ..identifiers import Params, whole_number
from .errors import bad


class Form:
    """The fields of one request. Unknown names are ignored; readers raise RestError (400) for bad values."""

    def __init__(self, fields: Params) -> None:
        self.fields = fields

    @classmethod
    def parse(cls, text: str) -> Form:
        return cls(parse_qsl(text, keep_blank_values=True))

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)

    def text(self, name: str) -> str | None:
        """The last value given, or None."""
        return next((value for key, value in reversed(self.fields) if key == name), None)

    def required(self, name: str, code: int) -> str:
        value = self.text(name)
        if value is None or not value.strip():
            raise bad(code, f"'{name}' is a required parameter.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """``true`` in any case is true, every other word false."""
        value = self.text(name)
        return default if value is None else value.strip().lower() == "true"

    def number(self, name: str, default: int, low: int, high: int, code: int) -> int:
        value = self.text(name)
        if value is None:
            return default
        given = whole_number(value.strip())
        if given is None or not low <= given <= high:
            raise bad(code, f"Invalid {name}: a whole number between {low} and {high} is needed.")
        return given

    def method(self, name: str, default: str) -> str:
        value = self.text(name)
        if value is None:
            return default
        if value.upper() not in ("GET", "POST"):
            raise bad(21209, f"Invalid {name}: GET or POST is needed.")
        return value.upper()

    def url(self, name: str, code: int = 21205) -> str | None:
        """An absolute http or https URL; an empty value counts as none. The host of a callback has no underscore."""
        value = self.text(name)
        if value is None or not value.strip():
            return None
        try:
            target = parse_target(value)
        except BadUrl as error:
            raise bad(code, f"{name} is not a valid URL: {error}") from None
        if name.endswith("Callback") and "_" in target.host:
            raise bad(code, f"{name} is not a valid URL: underscores are not permitted in its host name")
        return value.strip()

    def words(self, name: str, known: Iterable[str], code: int) -> frozenset[str]:
        """A list given as repeated keys, as one value with spaces, or both."""
        given = [word for key, value in self.fields if key == name for word in value.split()]
        allowed = frozenset(known)
        for word in given:
            if word not in allowed:
                raise bad(code, f"Invalid {name}: {word}")
        return frozenset(given)

    def choice(self, name: str, known: Iterable[str], code: int) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        if value not in known:
            raise bad(code, f"Invalid {name}: {value}")
        return value
