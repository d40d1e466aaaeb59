"""The ``check`` command tells an operator what is wrong before a call does."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.processes import PROJECT_ROOT
from tests.support.product import Product


def _check(product: Product, **settings: str) -> subprocess.CompletedProcess[str]:
    account = product.simulator.account()
    environment = {
        **os.environ,
        "DATABASE_URL": product.database_url,
        "PUBLIC_URL": product.url,
        "TWILIO_ACCOUNT_SID": account.sid,
        "TWILIO_AUTH_TOKEN": account.auth_token,
        "TWILIO_API_URL": product.simulator.base_url,
        **settings,
    }
    return subprocess.run(
        [sys.executable, "-m", "flask", "check"],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_all_is_well_with_the_running_product(product: Product) -> None:
    done = _check(product)

    assert (done.returncode, "WRONG" in done.stdout) == (0, False), done.stdout + done.stderr
    assert done.stdout.count("ok    ") == 7


def test_a_wrong_token_is_found(product: Product) -> None:
    done = _check(product, TWILIO_AUTH_TOKEN="of-another-account")

    assert done.returncode == 1
    assert "WRONG  provider" in done.stdout
    assert "WRONG  signed webhook is accepted: answered 403" in done.stdout
    assert "of-another-account" not in done.stdout


def test_an_address_that_nobody_answers_is_found(product: Product) -> None:
    done = _check(product, PUBLIC_URL="http://127.0.0.1:9")

    assert done.returncode == 1
    assert "WRONG  public address: not reached" in done.stdout
