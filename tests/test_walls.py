"""The walls of the house: who may import whom, how long a file may be, and where time and chance may come from."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE = 400

# folder -> what of ours it may import, by prefix. Its own folder is always allowed.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "app/core": (),
    "app/store": ("app.core",),
    "app/provider": ("app.core",),
    "app/media": ("app.core", "app.store"),  # what media there is, is in the store
    "app/notices": ("app.core", "app.store"),  # so is the log of what changed
    "app/control": ("app.core", "app.store", "app.provider", "app.media", "app.notices", "app.config"),
    "app/webhooks": ("app.control", "app.core", "app.config", "app.provider", "twiml"),  # provider: the signature check
    "app/dialects/evo_voice": ("app.control", "app.core"),
    "app/dialects/call_api": ("app.control", "app.core"),
    "app/dialects/workspace": ("app.control", "app.core"),
    "app/console": ("app.control", "app.core"),
    "twiml": (),
}
# The only file of the application that may ask for the time of day or for chance; every other is given both.
PORTS = "app/control/ports.py"
CLOCKS_AND_CHANCE = {
    ("time", "time"),
    ("time", "time_ns"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("uuid", "uuid1"),
    ("uuid", "uuid4"),
    ("os", "urandom"),
}
CHANCE_MODULES = {"random", "secrets"}
# Names that must be new and on which nothing else depends, so that no test would ever want to steer them.
HARMLESS = {
    "app/dialects/evo_voice/identity.py": {"secrets"},  # the second log-in cookie, which opens nothing
    "app/notices/bell_sockets.py": {"secrets"},  # the file name of a process's socket
}


def sources(*folders: str) -> list[Path]:
    """Return every Python file of some folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    """Return every module a file imports, wherever in the file, relative imports resolved."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            # "from app import dialects" imports app.dialects: the names count as modules too.
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("app", "twiml", "tests")


def inside(module: str, prefixes: tuple[str, ...]) -> bool:
    return any(module == prefix or module.startswith(f"{prefix}.") for prefix in prefixes)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_a_folder_imports_only_what_lies_below_it(folder: str) -> None:
    allowed = (folder.replace("/", "."), *MAY_IMPORT[folder])
    over_the_wall = [
        f"{name_of(path)} imports {module}"
        for path in sources(folder)
        for module in imports(path)
        if is_ours(module) and not inside(module, allowed)
    ]
    assert over_the_wall == []


def test_the_simulator_knows_nothing_of_the_application_it_talks_to() -> None:
    assert [name_of(p) for p in sources("twiml") if any(m.split(".")[0] == "app" for m in imports(p))] == []


def test_no_dialect_imports_another() -> None:
    dialects = [path.name for path in (ROOT / "app/dialects").iterdir() if (path / "__init__.py").exists()]
    assert len(dialects) >= 3
    for one in dialects:
        others = tuple(f"app.dialects.{other}" for other in dialects if other != one)
        for path in sources(f"app/dialects/{one}"):
            assert [module for module in imports(path) if inside(module, others)] == [], name_of(path)


def test_the_core_needs_nothing_but_the_standard_library_and_does_no_input_or_output() -> None:
    forbidden = {"flask", "twilio", "sqlalchemy", "requests", "socket", "threading", "asyncio", "os", "logging", "time"}
    for path in sources("app/core"):
        used = {module.split(".")[0] for module in imports(path)} & forbidden
        assert used == set(), name_of(path)


@pytest.mark.parametrize("folder", ["app", "twiml"])
def test_no_file_is_longer_than_a_reader_can_take_in(folder: str) -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in sources(folder)}
    assert {name: length for name, length in lengths.items() if length >= LONGEST_FILE} == {}


def test_time_and_chance_come_from_their_ports_alone() -> None:
    found = [
        f"{name_of(path)}:{line} {what}"
        for path in sources("app")
        if name_of(path) != PORTS
        for line, what in clocks_and_chance(path)
        if what not in HARMLESS.get(name_of(path), set())
    ]
    assert found == []


def clocks_and_chance(path: Path) -> Iterator[tuple[int, str]]:
    """Return where a file reads the clock or throws dice, by whatever name it imported them."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (owner, node.attr) in CLOCKS_AND_CHANCE:
                yield node.lineno, f"{owner}.{node.attr}"
        elif isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if alias.name in CHANCE_MODULES)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if node.module in CHANCE_MODULES or (node.module, alias.name) in CLOCKS_AND_CHANCE:
                    yield node.lineno, f"{node.module}.{alias.name}"


@pytest.mark.parametrize(
    ("text", "caught"),
    [
        ("import time\ntime.time()", True),
        ("from time import time", True),
        ("from datetime import datetime\ndatetime.now()", True),
        ("import datetime\ndatetime.datetime.now()", True),
        ("import uuid\nuuid.uuid4()", True),
        ("import secrets", True),
        ("from random import choice", True),
        ("from time import monotonic", False),
        ("clock.now()", False),
    ],
)
def test_the_search_for_clocks_and_chance_finds_them_by_any_name(tmp_path: Path, text: str, caught: bool) -> None:
    path = tmp_path / "some.py"
    path.write_text(text, encoding="utf-8")
    assert bool(list(clocks_and_chance(path))) is caught
