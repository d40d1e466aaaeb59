"""One request on its way through an operation: who asks, with what, and what is to go out beside the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from app.control.services import Services
from app.core.people import Account, User
from app.dialects.evo_voice.errors import NotLoggedIn


@dataclass
class Call:
    """What a handler is given besides the request's contract.

    ``user`` is the login, None for nobody; ``tokens`` the log-in ids that came with the request's cookies, valid or not. A handler adds
    ``Set-Cookie`` values to ``cookies``. ``verb`` is the one that counts, after an override.
    """

    services: Services
    verb: str
    secure: bool
    user: User | None = None
    tokens: tuple[str, ...] = ()
    cookies: list[str] = field(default_factory=list)

    @property
    def login(self) -> User:
        """The user who is logged in. Raises NotLoggedIn."""
        if self.user is None:
            raise NotLoggedIn
        return self.user

    @cached_property
    def accounts(self) -> list[Account]:
        """The accounts the login covers. Raises NotLoggedIn."""
        return self.services.directory.accounts_of(self.login)

    @property
    def account_ids(self) -> list[str]:
        """The ids of the accounts the login covers. Raises NotLoggedIn."""
        return [account.id for account in self.accounts]
