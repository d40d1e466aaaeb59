"""The guide that ``make run`` prints: the README's call story, with the addresses that are really in use."""

import re
import shlex
from pathlib import Path

_README = Path(__file__).resolve().parents[1] / "README.md"
_STEP = re.compile(r"\n\n(?P<told>[^\n]+(?:\n[^\n]+)*)\n\n```sh story\n(?P<lines>.*?)```", re.DOTALL)


def text(controller: str, simulator: str) -> str:
    """Return what to paste into another terminal, step by step; each line can be run as it stands."""
    head = [
        f"Hookflash is running: the controller on {controller}, the simulator on {simulator}.",
        "Agents alice (1001), bob (1002) and carol (1003); the password of each is demo. Paste these into another terminal:",
    ]
    steps = []
    for number, step in enumerate(_STEP.finditer(_README.read_text()), 1):
        # No comment: zsh takes none from a keyboard. Said by echo, the story is told as it happens, whatever the shell.
        told = " ".join(step["told"].split()).replace("`", "").replace("'", "’")
        lines = step["lines"].replace("http://127.0.0.1:8000", controller).replace("http://127.0.0.1:8010", simulator)
        steps.append(f"echo {shlex.quote(f'{number}. {told}')}\n{lines.rstrip()}")
    return "\n\n".join(["", *head, *steps, "Ctrl-C stops what was started here.", ""])
