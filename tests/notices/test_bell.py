"""The bell between processes; each bell object here stands for a process of its own."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from app.notices.bell import Bell, open_bell
from app.notices.bell_sockets import SocketBell, directory_for
from app.store import notices
from app.store.engine import normalised, open_engine

Heard = list[Collection[str] | None]


async def eventually(condition: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


def with_two_listeners(store_url: str, story: Callable[[Bell, Heard, Heard], Awaitable[None]]) -> None:
    """Run ``story`` with a bell that listens itself, what it hears, and what another process hears."""

    async def run() -> None:
        engines = [open_engine(store_url), open_engine(store_url)]
        bells = [open_bell(engine) for engine in engines]
        heard: list[Heard] = [[], []]
        try:
            for bell, ears in zip(bells, heard, strict=True):
                await bell.listen(ears.append)
            if store_url.startswith("postgresql"):
                await eventually(lambda: all(None in ears for ears in heard))
            for ears in heard:
                ears.clear()
            await story(bells[0], heard[0], heard[1])
        finally:
            for bell in bells:
                await bell.close()
            for engine in engines:
                engine.dispose()

    asyncio.run(run())


def tell(store_url: str, bell: Bell, user_id: str) -> None:
    """Write something into a user's log, and ring."""
    engine = open_engine(store_url)
    with engine.begin() as connection:
        notices.append(connection, [(user_id, {"kind": "news"})], time.time())
    engine.dispose()
    bell.ring([user_id])


def test_a_ring_from_any_thread_wakes_this_process_and_others(store_url: str) -> None:
    async def story(bell: Bell, here: Heard, there: Heard) -> None:
        await asyncio.to_thread(tell, store_url, bell, "alice")
        await eventually(lambda: here == [["alice"]] and there == [["alice"]])

    with_two_listeners(store_url, story)


def test_only_those_whose_log_has_grown_since_are_looked_after(store_url: str) -> None:
    async def story(bell: Bell, here: Heard, there: Heard) -> None:
        for told in ("alice", "bob", "alice"):
            there.clear()
            await asyncio.to_thread(tell, store_url, bell, told)
            await eventually(lambda told=told: there == [[told]])  # type: ignore[misc]

    with_two_listeners(store_url, story)


def test_a_ring_without_news_wakes_nobody_elsewhere(postgres_url: str) -> None:
    async def story(bell: Bell, here: Heard, there: Heard) -> None:
        await asyncio.to_thread(bell.ring, ["alice"])
        await asyncio.to_thread(tell, postgres_url, bell, "bob")
        await eventually(lambda: bool(there))
        assert there == [["bob"]]

    with_two_listeners(postgres_url, story)


def test_a_ring_for_more_users_than_fit_into_a_datagram_says_everybody(sqlite_url: str) -> None:
    async def story(bell: Bell, here: Heard, there: Heard) -> None:
        await asyncio.to_thread(bell.ring, [f"user{n:020}" for n in range(500)])
        await eventually(lambda: there == [None])

    with_two_listeners(sqlite_url, story)


def test_ringing_when_nobody_listens_any_more_is_harmless(store_url: str) -> None:
    engine = open_engine(store_url)
    bell = open_bell(engine)
    bell.ring(["alice"])

    async def listen_and_leave() -> None:
        await bell.listen(lambda _users: None)
        bell.ring(["alice"])

    asyncio.run(listen_and_leave())
    bell.ring(["alice"])
    engine.dispose()


def test_ringing_while_the_database_is_away_does_not_fail_the_command() -> None:
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    open_bell(engine).ring(["alice"])


def test_the_socket_of_a_dead_process_is_swept_away_by_the_next_ring(tmp_path: Path) -> None:
    dead = tmp_path / "0000001-abcdef.bell"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left_behind:
        left_behind.bind(str(dead))
    SocketBell(tmp_path).ring(["alice"])
    assert not dead.exists()


def test_a_process_that_does_not_listen_fast_enough_blocks_nobody(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(str(tmp_path / "0000001-abcdef.bell"))
        bell = SocketBell(tmp_path)
        for _ in range(2000):
            bell.ring(["alice"])


def test_sockets_lie_beside_the_database_unless_the_path_is_too_long(tmp_path: Path) -> None:
    beside = directory_for(Path("/srv/hookflash/store.db"))
    assert beside == Path("/srv/hookflash/store.db.bells")
    deep = tmp_path.joinpath(*["a-rather-long-name"] * 8, "store.db")
    elsewhere = directory_for(deep)
    assert elsewhere == directory_for(deep)
    assert elsewhere != directory_for(deep.with_name("other.db"))
    assert len(os.fsencode(elsewhere)) < 80


def test_processes_with_different_working_directories_share_one_bell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert directory_for(Path("store.db")) == directory_for(tmp_path / "store.db")


def test_listening_survives_a_cut_connection_to_postgresql(postgres_url: str) -> None:
    async def story(bell: Bell, here: Heard, there: Heard) -> None:
        address = normalised(postgres_url).replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await eventually(lambda: None in here and None in there)  # it looks once after it is back
        here.clear()
        there.clear()
        await asyncio.to_thread(tell, postgres_url, bell, "alice")
        await eventually(lambda: ["alice"] in there)

    with_two_listeners(postgres_url, story)
