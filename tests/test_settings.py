"""The settings in the documentation are the settings of the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.config import read_settings
from app.settings_table import settings_table

OPERATIONS = Path(__file__).resolve().parents[1] / "docs" / "operations.md"


def test_table_in_the_documentation_is_that_of_the_code() -> None:
    found = re.search(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", OPERATIONS.read_text(), re.DOTALL)

    assert found is not None
    assert found.group(1) == settings_table()


def test_a_setting_comes_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RING_SECONDS", "12")
    monkeypatch.setenv("WORKSPACE_EXTRA_CAPABILITIES", "ClearCall,MuteCall")
    monkeypatch.setenv("DEMO", "true")
    monkeypatch.setenv("DATABASE_URL", "")

    settings = read_settings()

    assert settings.policy.ring_seconds == 12
    assert settings.workspace_extra_capabilities == ("ClearCall", "MuteCall")
    assert settings.demo is True
    assert settings.database_url == "sqlite:///var/hookflash.sqlite"
