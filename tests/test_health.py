"""Whom traffic is sent to: a process that can serve a call, not one that can only read of it."""

from __future__ import annotations

from sqlalchemy import text

from tests.support.house import Site, demo_store, site

__all__ = ["demo_store", "site"]


def answers(site: Site, path: str) -> int:
    return site.house.flask.test_client().get(path).status_code


def test_a_process_that_works_is_sent_traffic(site: Site) -> None:
    assert (answers(site, "/healthz"), answers(site, "/readyz")) == (200, 200)


def test_a_store_that_can_be_read_but_not_written_is_sent_no_traffic_until_it_can(site: Site) -> None:
    with site.house.engine.begin() as connection:
        refuse = "CREATE TRIGGER full BEFORE UPDATE ON lease BEGIN SELECT RAISE(FAIL, 'disk full'); END"
        connection.execute(text(refuse))
    assert (answers(site, "/healthz"), answers(site, "/readyz")) == (200, 503)
    with site.house.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER full"))
    assert answers(site, "/readyz") == 200


def test_a_process_that_is_to_stop_is_sent_no_traffic(site: Site) -> None:
    site.control.stopping.set()
    assert (answers(site, "/healthz"), answers(site, "/readyz")) == (200, 503)
