"""What must stay so whatever is added: every route asks who comes, and the files that start and ship the product agree."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.dialects.evo_voice.operations import OPERATIONS
from tests.support.house import Site, demo_store, site

__all__ = ["demo_store", "site"]

ROOT = Path(__file__).resolve().parents[1]
# Routes that answer without credentials, and why.
PUBLIC = {
    "/healthz": "a supervisor asks whether the process works; no data",
    "/readyz": "a load balancer asks whether to send traffic; no data",
    "/metrics": "figures without numbers, ids or names, for a scraper that cannot log in",
    "/media/<name>": "the provider's player fetches the files without credentials",
    "/api/v2/diagnostics/version": "clients ask for the version before they log in",
    "/v4.0/<path:rest>": "there is nothing below the one address of this API",
}
PUBLIC_OPERATIONS = {
    "GetAuthStatus": "tells whether a login is there",
    "Authenticate": "is the login",
}
NO_CREDENTIALS = {401, 403}
ABOUT_VERBS = {404, 405}


def filled(rule: str) -> str:
    """A path that fits a route: every variable has a value that could be an id."""
    evo = {"evo:first": "sessions", "evo_api:first": "api", "evo_name:name": "HoldSession", "evo_rest:rest": "my"}
    return re.sub(r"<([^>]+)>", lambda found: evo.get(found.group(1), "a" * 24), rule)


def test_every_route_asks_for_credentials_or_is_public_for_a_reason(site: Site) -> None:
    client = site.house.flask.test_client()
    seen = set()
    for rule in site.house.flask.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.rule in PUBLIC:
                seen.add(rule.rule)
                continue
            answer = client.open(filled(rule.rule), method=method, json={} if method != "GET" else None)
            allowed = NO_CREDENTIALS | ABOUT_VERBS
            if rule.rule == "/v4.0" and answer.status_code == 200:
                assert answer.get_json()["error"]["code"] < 0, answer.text
            else:
                assert answer.status_code in allowed, (method, rule.rule, answer.status_code, answer.text[:200])
    assert seen == set(PUBLIC), "a public route that is no more"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_of_evo_voice_asks_for_a_login_or_is_public_for_a_reason(site: Site, operation) -> None:  # type: ignore[no-untyped-def]
    client = site.house.flask.test_client()
    assert operation.public is (operation.name in PUBLIC_OPERATIONS)
    if operation.public:
        return
    for verb, route in operation.routes:
        path = re.sub(r"\{[^}]+\}", "a" * 24, route)
        for address in (path, path + ".json", path + ".xml", f"/json/reply/{operation.name}", f"/api/{operation.name}"):
            answer = client.open(address, method=verb, json={} if verb not in ("GET", "DELETE") else None)
            assert answer.status_code == 401, (verb, address, answer.status_code, answer.text[:200])


def session_answers(site: Site, client: FlaskClient, session_id: str, headers: dict[str, str]) -> list[int]:
    """The statuses of asking each API for a session by its ids."""
    session = site.control.session(session_id)
    params = {"access_token": "demo-limited-token", "call_session_id": session.number}
    ask = {"jsonrpc": "2.0", "id": 1, "method": "release.call", "params": params}
    refused = client.post("/v4.0", json=ask).get_json()["error"]["data"]["mnemonic"]
    assert refused == "call_session_not_found"
    return [client.get(f"/sessions/{session_id}", headers=headers).status_code]


def test_the_session_of_another_account_does_not_exist(site: Site) -> None:
    session = site.given_talk()
    dave = {"Authorization": "Basic ZGF2ZTpkZW1v"}
    assert session_answers(site, site.house.flask.test_client(), session.id, dave) == [404]
    assert site.control.session(session.id).live


def test_health_and_figures_tell_nothing_of_anybody(site: Site) -> None:
    session = site.given_talk()
    client = site.house.flask.test_client()
    for path in ("/healthz", "/readyz", "/metrics"):
        answer = client.get(path)
        assert answer.status_code == 200
        for private in ("5550", str(session.customer.call_sid), session.id, "alice", "demo", "token"):
            assert private not in answer.text, (path, private)


# The files that start and ship the product


def lines(name: str) -> list[str]:
    return (ROOT / name).read_text().splitlines()


def test_the_procfile_starts_the_server_that_its_configuration_describes() -> None:
    processes = dict(line.split(": ", 1) for line in lines("Procfile") if line)
    assert processes["web"] == "gunicorn -c gunicorn.conf.py"
    assert processes["release"].startswith("python -m flask --app app.cli ")
    command = processes["release"].removeprefix("python -m flask --app app.cli ").split()
    from app.cli import create_app

    found: Any = create_app().cli
    for word in command:
        found = found.commands[word]
    manifest = json.loads((ROOT / "app.json").read_text())
    assert set(manifest["formation"]) <= set(processes)


def test_the_variables_of_the_manifest_are_settings() -> None:
    from app.config import Settings

    manifest = json.loads((ROOT / "app.json").read_text())
    known = {name.upper() for name in Settings.__dataclass_fields__}
    assert set(manifest["env"]) <= known
    assert manifest["env"]["TRUSTED_PROXY"]["value"] == "true", (
        "its router ends TLS: cookies are to be Secure all the same"
    )


@pytest.mark.parametrize(("demo", "host"), [("true", "127.0.0.1"), ("", "0.0.0.0")])
def test_demo_log_ins_are_served_on_the_loopback_address_only(
    monkeypatch: pytest.MonkeyPatch, demo: str, host: str
) -> None:
    monkeypatch.setenv("DEMO", demo)
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    server = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert server["bind"] == f"{host}:8123"
    assert server["workers"] == 3
    assert server["worker_class"] == "asgi"
    assert server["accesslog"] is None, "addresses and headers of clients are not logged"


def test_the_server_does_not_start_where_no_call_could_be_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEMO", "PUBLIC_URL"):
        monkeypatch.setenv(name, "")
    with pytest.raises(SystemExit, match=r"^PUBLIC_URL is not set"):
        runpy.run_path(str(ROOT / "gunicorn.conf.py"))["on_starting"](None)
    monkeypatch.setenv("PUBLIC_URL", "https://calls.example.com")
    runpy.run_path(str(ROOT / "gunicorn.conf.py"))["on_starting"](None)


def requirement_names(name: str) -> set[str]:
    found = [re.match(r"([A-Za-z0-9_.-]+)(\[[a-z,]+\])?==[\w.]+", line) for line in lines(name)]
    return {re.sub(r"[-_.]+", "-", match.group(1)).lower() for match in found if match}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_exact_pins_without_any_registry(name: str) -> None:
    for line in lines(name):
        plain = line.split("#")[0].strip()
        if plain and not plain.startswith("-r "):
            assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z,]+\])?==[\w.+]+(\s*;.+)?", plain), line


def test_whatever_the_project_declares_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~ ;]", name)[0]).lower() for name in project["dependencies"]}
    assert declared <= requirement_names("requirements.txt")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name]


# Addresses of package registries and places on somebody's machine; written so that this file does not name them itself.
ELSEWHERE = re.compile(
    r"/wor" r"k/|/roo" r"t/|/hom" r"e/[a-z]|index[-_]url|pypi\.org/simple|files\.pythonhosted|registry\.npmjs|[a-z0-9-]+\.jfrog\.io"
)  # fmt: skip


def test_nothing_that_is_shipped_names_a_registry_or_a_place_on_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.is_file() and path.suffix in (".py", ".toml", ".txt", ".md", ".json", ".yml", ".cfg", ".sh", "")
        and path.name not in ("LICENSE", "test_guards.py")
        for match in ELSEWHERE.finditer(path.read_text(errors="replace"))
    ]  # fmt: skip
    assert found == []
