"""Who somebody is: accounts, users, log-ins, keys of programs, lines, and what a dialled string means."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers
from sqlalchemy import Connection, Engine
from werkzeug.security import check_password_hash

from app.control.ports import Clock, Ids
from app.core.errors import DestinationInvalid, LimitExceeded, NotFound
from app.core.people import Account, ApiKey, Line, User
from app.core.session import Party
from app.store import notices, people, points

# A hash that no password fits: an unknown name is to take as long as a wrong password.
_NOBODY = "scrypt:32768:8:1$hookflash$" + "0" * 128
# A name is shown beside a call; longer ones than any exchange delivers are cut.
_LONGEST_NAME = 100
_REMEMBERED = 256
_REMEMBER_SECONDS = 60.0


@dataclass(frozen=True)
class Limits:
    """What a key may still use. ``*_reset``: seconds until the period begins anew."""

    minute_limit: int
    minute_remaining: int
    minute_reset: int
    day_limit: int
    day_remaining: int
    day_reset: int


class Directory:
    """Looks people up in the store. The one thing it remembers is that a password was right, for a minute: hashes are slow on purpose
    and some clients send the password with every request. What it remembers is keyed by a secret of this process."""

    def __init__(self, engine: Engine, clock: Clock, ids: Ids) -> None:
        self._engine = engine
        self._clock = clock
        self._ids = ids
        self._secret = ids.token().encode()
        self._right: OrderedDict[bytes, float] = OrderedDict()

    def check_password(self, name: str, password: str) -> User | None:
        """Return the user with this name and password, or None."""
        with self._reading() as connection:
            stored = people.password_hash(connection, name)
            user = people.user_where(connection, name=name)
        text = f"{name}\0{password}\0{stored}".encode(errors="surrogatepass")
        key = hmac.digest(self._secret, text, "sha256")
        now = self._clock.now()
        if self._right.get(key, 0.0) > now:
            return user
        if not check_password_hash(stored or _NOBODY, password) or stored is None:
            return None
        self._right[key] = now + _REMEMBER_SECONDS
        while len(self._right) > _REMEMBERED:
            self._right.popitem(last=False)
        return user

    def user(self, user_id: str) -> User | None:
        """Return a user by id (24 hex)."""
        return self._user(id=user_id)

    def user_by_name(self, name: str) -> User | None:
        """Return a user by log-in name."""
        return self._user(name=name)

    def users(self, account_ids: Sequence[str] | None) -> list[User]:
        """Return the users of some accounts (None = all), by name."""
        with self._reading() as connection:
            return people.users(connection, account_ids)

    def account(self, account_id: str) -> Account:
        """Return an account. Raises NotFound."""
        with self._reading() as connection:
            account = people.account(connection, account_id)
        if account is None:
            raise NotFound("There is no such account", what="account")
        return account

    def accounts(self) -> list[Account]:
        """Return all accounts, by name."""
        with self._reading() as connection:
            return people.accounts(connection)

    def accounts_of(self, user: User) -> list[Account]:
        """Return the accounts a user may see: her own; a system administrator, all."""
        if "SystemAdministrator" in user.roles:
            return self.accounts()
        return [self.account(user.account_id)]

    def lines(self, account_ids: Sequence[str] | None) -> list[Line]:
        """Return the lines of some accounts (None = all), by number."""
        with self._reading() as connection:
            return people.lines(connection, account_ids)

    def line(self, number: str) -> Line | None:
        """Return the line with this number (E.164)."""
        with self._reading() as connection:
            return people.line(connection, number)

    def candidates(self, line: Line) -> tuple[tuple[str, str] | None, list[Party]]:
        """Return who may answer a line, first come first rung: (name, id) of its ring queue, if it has one, and the people."""
        with self._reading() as connection:
            if line.route_kind == "queue":
                found = people.ring_queue(connection, line.route_target, self._clock.now())
                if found is None:
                    return None, []
                return (found[0], line.route_target), [user.party() for user in found[1]]
            user = people.user_where(connection, id=line.route_target)
        return None, [user.party()] if user is not None and user.softphone is not None else []

    # --- log-ins and keys ---------------------------------------------------------------------------------------------

    def open_login(self, realm: str, user: User, seconds: float) -> str:
        """Return the token of a new log-in that lasts ``seconds``. The store keeps only its digest."""
        token, now = self._ids.token(), self._clock.now()
        with self._engine.begin() as connection:
            people.open_login(connection, realm, _digest(token), user.id, now, now + seconds)
        return token

    def login(self, realm: str, token: str) -> User | None:
        """Return whose log-in a token is; None when it is unknown, expired or closed."""
        with self._reading() as connection:
            return people.login(connection, realm, _digest(token), self._clock.now())

    def close_login(self, realm: str, token: str) -> None:
        """End a log-in, and the notification sessions that were opened under it."""
        with self._engine.begin() as connection:
            people.close_login(connection, realm, _digest(token))
            notices.close_sessions_of_login(connection, _digest(token))

    def api_key(self, token: str) -> ApiKey | None:
        """Return the program's key with this token, in whatever condition."""
        with self._reading() as connection:
            return people.api_key(connection, _digest(token))

    def spend_points(self, owner: str, account_id: str, per_minute: int, per_day: int, cost: int) -> Limits:
        """Add ``cost`` (0 = only look) to what a key or log-in has used and return what is left.

        Raises LimitExceeded when the minute's or the day's limit does not allow it; nothing is added then. Looking never raises.
        """
        now, limits = self._clock.now(), {"minute": per_minute, "day": per_day}
        with self._engine.begin() as connection:
            if cost == 0:
                before = points.used(connection, owner, now)
            else:
                before = points.lock(connection, owner, now)
                for period in ("minute", "day"):
                    if before[period][0] + cost > limits[period]:
                        raise LimitExceeded(limit_type=period, limit=limits[period])
                points.spend(connection, owner, before, cost, now)
        left = {period: max(0, limits[period] - before[period][0] - cost) for period in limits}
        reset = {period: max(1, round(before[period][1])) for period in limits}
        return Limits(per_minute, left["minute"], reset["minute"], per_day, left["day"], reset["day"])

    # --- destinations -------------------------------------------------------------------------------------------------

    def destination(self, text: str, account_id: str) -> Party:
        """Return whom a dialled string means: an extension of the account, ``client:<name>``, or a number in E.164, with or without +.

        Raises DestinationInvalid.
        """
        dialled = text.strip()
        if dialled.startswith("client:") and 7 < len(dialled) <= 263:
            user = self._user(softphone=dialled)
            if user is not None and user.account_id != account_id:
                raise DestinationInvalid
            return user.party() if user is not None else Party(dialled, dialled.removeprefix("client:"))
        user = self._user(dn=dialled, account_id=account_id)
        if user is not None and user.softphone is not None:
            return user.party()
        digits = dialled.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and 7 <= len(digits) <= 15):
            raise DestinationInvalid
        try:
            possible = phonenumbers.is_possible_number(phonenumbers.parse(f"+{digits}"))
        except phonenumbers.NumberParseException as error:
            raise DestinationInvalid from error
        if not possible:
            raise DestinationInvalid
        return Party(f"+{digits}", f"+{digits}")

    def caller(self, address: str, name: str = "") -> Party:
        """Return who calls from an address: one of our own people's softphones, or an outside phone.

        ``name``: what the provider knows the caller as (Twilio: CallerName, sent when the look-up is switched on), if anything.
        """
        user = self._user(softphone=address) if address.startswith("client:") else None
        return (
            user.party() if user is not None else Party(address, name.strip()[:_LONGEST_NAME] or address or "anonymous")
        )

    def _user(self, **columns: object) -> User | None:
        with self._reading() as connection:
            return people.user_where(connection, **columns)

    def _reading(self) -> Connection:
        return self._engine.connect().execution_options(read_only=True)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
