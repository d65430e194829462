"""The build hook: the grammar, its saved tables and the library go into the wheel.

An editable installation gets none of them: kxsh.resources reads the checkout there.
Building the parser's tables from the grammar takes a fifth of a second on a PC and far
longer on an emulated CPU. Tables that do not fit the installed lark are refused when they
are loaded and built again from the text, so such a wheel is slow, not broken.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = "kxsh/_data"


class DataHook(BuildHookInterface[Any]):
    """Adds what kxsh.resources looks for to every wheel but an editable one."""

    PLUGIN_NAME = "custom"
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        include = build_data["force_include"]
        include["grammar/kxsh.lark"] = f"{DATA}/grammar/kxsh.lark"
        include["data/kernel-parameters.txt"] = f"{DATA}/data/kernel-parameters.txt"
        include[self._saved_tables()] = f"{DATA}/grammar/kxsh.tables"
        for name in sorted(os.listdir(os.path.join(self.root, "stdlib"))):
            if name.endswith(".kxs"):
                include[f"stdlib/{name}"] = f"{DATA}/stdlib/{name}"

    def _saved_tables(self) -> str:
        sys.path.insert(0, self.root)
        from kxsh.syntax.parser import save_tables

        self._folder = tempfile.TemporaryDirectory(prefix="kxsh-tables-")
        path = os.path.join(self._folder.name, "kxsh.tables")
        save_tables(path)
        return path

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._folder:
            self._folder.cleanup()
