"""Who may call and be called: accounts, users, lines, keys of programs. Values only; the store holds them, ``app.control`` finds them."""

from dataclasses import dataclass

from app.core.session import Party


@dataclass(frozen=True)
class Account:
    """A tenant: its users, lines and sessions are nobody else's. ``id``: 24 hex."""

    id: str
    name: str


@dataclass(frozen=True)
class User:
    """A person who logs in; an agent when ``dn`` (extension) and ``softphone`` (``client:<name>``) are set.

    ``roles`` are among User, Manager, SystemAdministrator, Supervisor. ``device_id`` (UUID) and ``person_id`` (32 hex) are her
    identities in the workspace dialect, ``employee_id`` in the Call API, ``id`` (24 hex) everywhere else.
    """

    id: str
    account_id: str
    name: str
    display_name: str
    roles: tuple[str, ...]
    device_id: str
    person_id: str
    dn: str | None = None
    softphone: str | None = None
    employee_id: int | None = None
    ready_since: float | None = None

    def party(self) -> Party:
        """Return the user as somebody to be on a call. Raises ValueError for a user without a softphone."""
        if self.softphone is None:
            raise ValueError(f"user {self.id} has no softphone")
        return Party(self.softphone, self.display_name, self.id, self.dn)


@dataclass(frozen=True)
class Line:
    """One of our telephone numbers (E.164) and whom it rings: ``route_kind`` is user or queue, ``route_target`` the id of it."""

    number: str
    id: str
    account_id: str
    route_kind: str
    route_target: str


@dataclass(frozen=True)
class ApiKey:
    """A program's key. ``state``: active, expired or blocked; ``components``: the packages it may use."""

    digest: str
    account_id: str
    state: str
    components: tuple[str, ...]
    points_per_minute: int
