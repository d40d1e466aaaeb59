"""The commands of the README work as they are written."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from app import guide
from tests.support.product import Product

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()


def test_story_of_the_readme_runs_as_pasted(product: Product, tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"```sh story\n(.*?)```", README, re.DOTALL))
    script = script.replace("http://127.0.0.1:8000", product.url)
    script = script.replace("http://127.0.0.1:8010", product.simulator.base_url)

    # Each pasted line stands alone in a terminal; a failing one is to be seen here.
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert '"kind": "conference"' in done.stdout
    assert '"callState":"Hold"' in done.stdout
    assert '"kind": "hold"' in done.stdout
    assert done.stdout.count('{"statusCode":0}') == 3
    assert '{"conferences": []}' in done.stdout


@pytest.mark.parametrize(
    "text", [README, guide.text("http://127.0.0.1:1", "http://127.0.0.1:2")], ids=["readme", "guide"]
)
def test_what_is_to_be_pasted_has_no_comments_since_zsh_takes_none(text: str) -> None:
    pasted = "\n".join(re.findall(r"```sh[^\n]*\n(.*?)```", text, re.DOTALL)) or text

    assert "curl" in pasted
    assert not re.search(r"(^|\s)#", pasted)


def test_the_guide_tells_each_step_before_it_is_taken() -> None:
    told = [
        line for line in guide.text("http://127.0.0.1:1", "http://127.0.0.1:2").splitlines() if line.startswith("echo")
    ]

    done = subprocess.run(["bash", "-euc", "\n".join(told)], capture_output=True, text=True, timeout=10, check=True)
    assert [line[:2] for line in done.stdout.splitlines()] == [f"{number}." for number in range(1, len(told) + 1)]
    assert len(told) == README.count("```sh story")


def test_make_targets_named_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"make ([a-z]+)", README)) - {"it"} <= targets


def test_documents_that_the_readme_links_exist() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        if not link.startswith("http"):
            assert (ROOT / link).exists(), link
