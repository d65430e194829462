"""The build hook: the grammar, its saved tables and the library go into the wheel, and
into its data the manual pages and shell completions (scripts/manuals.py).

An editable installation gets none of them: kxsh.resources reads the checkout there.
Building the parser's tables from the grammar takes a fifth of a second on a PC and far
longer on an emulated CPU. Tables that do not fit are refused when they are loaded, and made
again from the text, so such a wheel is slow, not broken.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = "kxsh/_data"


class DataHook(BuildHookInterface[Any]):
    """Adds what kxsh.resources looks for to every wheel but an editable one."""

    PLUGIN_NAME = "custom"
    _folder: tempfile.TemporaryDirectory[str]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        self._folder = tempfile.TemporaryDirectory(prefix="kxsh-build-")
        include = build_data["force_include"]
        include["grammar/kxsh.lark"] = f"{DATA}/grammar/kxsh.lark"
        for name in ("kernel-parameters.txt", "messages.txt"):
            include[f"data/{name}"] = f"{DATA}/data/{name}"
        include[self._saved_tables()] = f"{DATA}/grammar/kxsh.tables"
        for name in sorted(os.listdir(os.path.join(self.root, "stdlib"))):
            if name.endswith(".kxs"):
                include[f"stdlib/{name}"] = f"{DATA}/stdlib/{name}"
        build_data["shared_data"].update(self._manuals())

    def _manuals(self) -> dict[str, str]:
        """Return where each page and completion was written -> where it is installed."""
        sys.path.insert(0, os.path.join(self.root, "scripts"))
        import manuals

        folder = Path(self._folder.name, "manuals")
        return {str(folder / place): place for place in manuals.write(folder)}

    def _saved_tables(self) -> str:
        from kxsh.syntax import grammar, tables

        path = os.path.join(self._folder.name, "kxsh.tables")
        tables.save(path, grammar.make_tables())
        return path

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()
