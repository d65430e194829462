"""The build hook: save the parser's tables into the wheel.

Building them from the grammar's text takes a fifth of a second on a PC and far longer
on an emulated CPU. Tables that another lark made are refused when they are loaded, and
built again from the text, so a wheel without good tables is slow, not broken.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TablesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ``kxsh/_data/grammar/kxsh.tables`` to a wheel, never to an editable one."""

    PLUGIN_NAME = "custom"
    _folder: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        from kxsh.syntax.parser import save_tables

        self._folder = tempfile.TemporaryDirectory(prefix="kxsh-tables-")
        path = os.path.join(self._folder.name, "kxsh.tables")
        save_tables(path)
        build_data["force_include"][path] = "kxsh/_data/grammar/kxsh.tables"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if self._folder:
            self._folder.cleanup()
