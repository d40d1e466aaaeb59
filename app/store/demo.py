"""The demo data: two accounts with their people, lines and keys. Only ever written in demo mode, which binds to loopback."""

import hashlib
import json
import uuid

from sqlalchemy import Connection, insert, select
from werkzeug.security import generate_password_hash

from app.store import tables as t

_BASIC = "Call API Basic set"
_EVERYTHING = (_BASIC, "Call API Call management", "Call API Informer calls", "Call API Call scenario")
MAIN, OTHER = "5f8e00000000000000000001", "5f8e00000000000000000002"
# name, extension, employee, roles
_PEOPLE = (
    ("alice", "1001", 1, ("User",), MAIN),
    ("bob", "1002", 2, ("User",), MAIN),
    ("carol", "1003", 3, ("User", "Manager", "Supervisor"), MAIN),
    ("admin", None, None, ("Manager", "SystemAdministrator"), MAIN),
    ("dave", "2001", 11, ("User",), OTHER),
)
_KEYS = (
    ("demo-access-token", MAIN, "active", _EVERYTHING, 5000),
    ("demo-expired-token", MAIN, "expired", _EVERYTHING, 5000),
    ("demo-blocked-token", MAIN, "blocked", _EVERYTHING, 5000),
    ("demo-basic-token", MAIN, "active", (_BASIC,), 5000),
    ("demo-limited-token", OTHER, "active", _EVERYTHING, 2),
)
LINES = ("+15550001000", "+15550001001", "+15550001002", "+15550001009")


def seed(connection: Connection, now: float) -> None:
    """Write the demo data, unless it is there. Ids are made from names, so that every demo has the same ones."""
    if connection.execute(select(t.account.c.id).where(t.account.c.id == MAIN)).first() is not None:
        return
    connection.execute(
        insert(t.account),
        [{"id": MAIN, "name": "Demo", "active": True}, {"id": OTHER, "name": "Other", "active": True}],
    )
    password = generate_password_hash("demo")
    connection.execute(insert(t.user), [_user(*person, password=password, now=now) for person in _PEOPLE])
    support = id_of("queue support")
    connection.execute(insert(t.ring_queue).values(id=support, account_id=MAIN, name="support"))
    connection.execute(
        insert(t.ring_queue_member),
        [{"queue_id": support, "user_id": id_of(f"user {name}")} for name in ("alice", "bob")],
    )
    routes = (
        ("queue", support),
        ("user", id_of("user alice")),
        ("user", id_of("user bob")),
        ("user", id_of("user dave")),
    )
    connection.execute(
        insert(t.line),
        [
            {
                "number": number,
                "id": id_of(f"line {number}"),
                "account_id": OTHER if number == LINES[-1] else MAIN,
                "route_kind": kind,
                "route_target": target,
            }
            for number, (kind, target) in zip(LINES, routes, strict=True)
        ],
    )
    connection.execute(
        insert(t.api_key),
        [
            {
                "digest": hashlib.sha256(token.encode()).hexdigest(),
                "account_id": account_id,
                "state": state,
                "components": json.dumps(components),
                "points_per_minute": points,
            }
            for token, account_id, state, components, points in _KEYS
        ],
    )


def _user(
    name: str,
    dn: str | None,
    employee: int | None,
    roles: tuple[str, ...],
    account_id: str,
    *,
    password: str,
    now: float,
) -> dict[str, object]:
    return {
        "id": id_of(f"user {name}"),
        "account_id": account_id,
        "name": name,
        "display_name": name.capitalize(),
        "password_hash": password,
        "roles": json.dumps(roles),
        "dn": dn,
        "softphone": f"client:{name}" if dn else None,
        "employee_id": employee,
        "device_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"hookflash:device:{name}")),
        "person_id": hashlib.sha256(f"hookflash person {name}".encode()).hexdigest()[:32],
        "ready_since": now if dn else None,
    }


def id_of(name: str) -> str:
    """Return the demo's id (24 hex) of something by its name."""
    return hashlib.sha256(f"hookflash {name}".encode()).hexdigest()[:24]
