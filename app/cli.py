"""Commands for operators: ``python -m flask --app app.cli …``."""

import re
import sys
import uuid
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.security import generate_password_hash

from app.check import verdicts
from app.config import Settings, read_settings
from app.control.addresses import Addresses
from app.control.ports import RandomIds, SystemClock
from app.control.reconcile import Reconciler
from app.core.errors import StoreUnavailable
from app.house import create_house, provider_of
from app.media.library import add_melodies, add_wav, next_media_id
from app.provider.errors import ProviderError
from app.store import demo as demo_data
from app.store import people
from app.store import tables as t
from app.store.engine import open_engine
from app.store.fill import NothingToFill
from app.store.fill import fill as fill_store
from app.store.migrate import migrate

db = AppGroup("db", help="The store.")
user = AppGroup("user", help="People who log in.")
lines = AppGroup("lines", help="Telephone numbers.")
media = AppGroup("media", help="Hold messages.")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


def create_app() -> Flask:
    """Return an application that only has the commands: it opens nothing before one of them runs."""
    app = Flask("app.cli")
    for group in (db, user, lines):
        app.cli.add_command(group)
    app.cli.add_command(media)
    app.cli.add_command(check)
    app.cli.add_command(reconcile)
    return app


@db.command("upgrade")
def upgrade() -> None:
    """Bring the tables to the form this version needs; in demo mode write the demo data too."""
    prepare(read_settings())
    print("The store is up to date.")


@db.command("fill")
@click.option("--sessions", "count", required=True, type=click.IntRange(1, 10_000_000), help="How many to add.")
def fill(count: int) -> None:
    """Add ended sessions with all their rows, to see how the store does when it is full."""

    def report(done: int) -> None:
        if done % 100_000 == 0 or done == count:
            print(f"{done} of {count} sessions", flush=True)

    try:
        fill_store(_engine(), count, SystemClock().now(), report)
    except NothingToFill:
        sys.exit("There is no line that rings an agent; add one first.")


@user.command("add")
@click.argument("name")
@click.option("--password", required=True)
@click.option("--account", required=True, help="Name of the account; it is created if there is none.")
@click.option("--extension", help="For an agent: the extension; the softphone is client:NAME.")
@click.option("--role", "roles", multiple=True, default=("User",))
def add_user(name: str, password: str, account: str, extension: str | None, roles: tuple[str, ...]) -> None:
    """Add a user."""
    ids = RandomIds()
    with _store() as connection:
        if people.user_where(connection, name=name) is not None:
            sys.exit(f"There is a user {name} already.")
        # Also in other accounts: a dialled extension means one person.
        if extension and people.user_where(connection, dn=extension) is not None:
            sys.exit(f"The extension {extension} is taken.")
        account_id = connection.execute(select(t.account.c.id).where(t.account.c.name == account)).scalar_one_or_none()
        if account_id is None:
            account_id = ids.session_id()
            connection.execute(insert(t.account).values(id=account_id, name=account, active=True))
        highest = (
            connection.execute(select(t.user.c.employee_id).order_by(t.user.c.employee_id.desc().nulls_last()))
            .scalars()
            .first()
        )
        connection.execute(
            insert(t.user).values(
                id=ids.session_id(),
                account_id=account_id,
                name=name,
                display_name=name.capitalize(),
                password_hash=generate_password_hash(password),
                roles=_json(roles),
                dn=extension,
                softphone=f"client:{name}" if extension else None,
                employee_id=(highest or 0) + 1 if extension else None,
                device_id=str(uuid.UUID(hex=ids.operation_id())),
                person_id=ids.operation_id(),
                ready_since=SystemClock().now() if extension else None,
            )
        )
    print(f"Added {name} to {account}.")


@lines.command("add")
@click.argument("number")
@click.option("--account", required=True)
@click.option("--user", "user_name", help="Rings this agent.")
def add_line(number: str, account: str, user_name: str) -> None:
    """Let one of the account's numbers ring an agent, and send its calls here."""
    if _E164.fullmatch(number) is None:
        sys.exit(f"{number} is not a telephone number in E.164, such as +12025550100.")
    with _store() as connection:
        account_id = connection.execute(select(t.account.c.id).where(t.account.c.name == account)).scalar_one_or_none()
        target = people.user_where(connection, name=user_name)
        if account_id is None or target is None or target.account_id != account_id:
            sys.exit("There is no such account, or it has no such user.")
        if target.softphone is None:
            sys.exit(f"{target.name} has no softphone to ring: only users with an extension have one.")
        if connection.execute(select(t.line.c.id).where(t.line.c.number == number)).first() is not None:
            sys.exit(f"There is a line {number} already.")
        values = {
            "id": RandomIds().session_id(),
            "account_id": account_id,
            "route_kind": "user",
            "route_target": target.id,
        }
    # First the provider, which may refuse, and outside any transaction: others are not to wait for it. Should the second step fail,
    # the same command makes it good.
    connect_lines(read_settings(), [number])
    with _store() as connection:
        connection.execute(insert(t.line).values(number=number, **values))
    print(f"Calls to {number} ring {target.name}.")


@media.command("add")
@click.argument("file", type=click.File("rb"))
@click.option("--name", required=True)
@click.option("--account", help="Only for this account; otherwise for every one.")
def add_media(file: BinaryIO, name: str, account: str | None) -> None:
    """Add a WAV file that callers on hold can hear, and print its id."""
    with _store() as connection:
        account_id = None
        if account is not None:
            account_id = connection.execute(
                select(t.account.c.id).where(t.account.c.name == account)
            ).scalar_one_or_none()
            if account_id is None:
                sys.exit("There is no such account.")
        media_id = next_media_id(connection)
        try:
            add_wav(connection, media_id, name, file.read(), account_id)
        except (wave.Error, EOFError):
            sys.exit("This is not a WAV file.")
    print(media_id)


@click.command("check")
def check() -> None:
    """Say what is wrong before a call does. The exit code is 1 when something is."""
    settings = read_settings()
    results = list(verdicts(settings, _engine(), provider_of(settings)))
    for result in results:
        print(f"{'ok    ' if result.good else 'WRONG '} {result.what}{'' if result.good else ': ' + result.advice}")
    sys.exit(0 if all(result.good for result in results) else 1)


@click.command("reconcile")
@click.option("--dry-run", is_flag=True, help="Only print what would be taken in.")
def reconcile(dry_run: bool) -> None:
    """Compare every open session with the provider, print what is not known here and what it leads to, and take that in."""
    house = create_house(read_settings())
    reconciler = Reconciler(house.services.control)
    compared = differ = unread = 0
    for session_id in reconciler.open_sessions():
        try:
            finding = reconciler.look(session_id)
        except ProviderError as error:
            unread += 1
            print(session_id, f"could not be read: {error.text}", sep="\n  ")
            continue
        news = reconciler.would_change(finding) if finding else []
        compared, differ = compared + 1, differ + bool(news)
        if news:
            print(session_id, *news, sep="\n  ")
        if not dry_run:
            reconciler.one(session_id)
    # What has become necessary is asked of the provider before this process ends.
    house.services.control.runner.finish()
    house.engine.dispose()
    print(f"Open sessions compared: {compared}, different: {differ}")
    if unread:
        sys.exit(f"{unread} sessions could not be compared.")


def prepare(settings: Settings) -> None:
    """Migrate the store, and in demo mode seed it and send the demo lines' calls here."""
    engine = open_engine(settings.database_url)
    migrate(engine)
    with engine.begin() as connection:
        add_melodies(connection)
        if settings.demo:
            demo_data.seed(connection, SystemClock().now())
    engine.dispose()
    if settings.demo:
        connect_lines(settings, list(demo_data.LINES))


def connect_lines(settings: Settings, numbers: list[str]) -> None:
    """Tell the provider to send the calls to these numbers here. Exits when it does not know one of them, or does not do it."""
    provider, urls = provider_of(settings), Addresses(settings.webhook_base)
    for number in numbers:
        try:
            known = provider.set_line(number, urls.voice, urls.status)
        except ProviderError as error:
            sys.exit(f"Twilio did not take it that calls to {number} come here: {error.text}.")
        if not known:
            sys.exit(f"The Twilio account does not have the number {number}.")


@contextmanager
def _store() -> Iterator[Connection]:
    """One transaction on the store. Exits when it cannot be used, as before the first ``db upgrade``; an exit leaves nothing behind."""
    engine = _engine()
    try:
        with engine.begin() as connection:
            yield connection
    except (StoreUnavailable, OperationalError, ProgrammingError) as error:
        sys.exit(f"The store cannot be used: check DATABASE_URL, and run `flask db upgrade` ({type(error).__name__}).")
    finally:
        engine.dispose()


def _engine() -> Engine:
    return open_engine(read_settings().database_url)


def _json(values: tuple[str, ...]) -> str:
    import json

    return json.dumps(values)
