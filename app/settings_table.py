"""The table of settings in the documentation, made from ``app.config``."""

from dataclasses import fields

from app.config import Settings


def settings_table() -> str:
    """Return the settings as a Markdown table: variable, default, meaning."""
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for item in fields(Settings):
        default = ",".join(item.default) if isinstance(item.default, tuple) else str(item.default)
        if isinstance(item.default, bool):
            default = default.lower()
        rows.append(f"| `{item.name.upper()}` | {f'`{default}`' if default else 'none'} | {item.metadata['meaning']} |")
    return "\n".join(rows)
