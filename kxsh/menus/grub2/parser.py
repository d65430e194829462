"""Tokens to statements, by GRUB's own grammar (grub-core/script/parser.y).

What is not in it is an error there too: an empty block, ``;`` at the start of a
line, a function inside of anything. After an error GRUB goes on with the next line.
"""

from __future__ import annotations

from collections.abc import Callable

from kxsh.machine.protocol import CONFIG_LIMIT
from kxsh.menus.grub2.lexer import PLAIN_KEYWORDS, BadToken, Lexer
from kxsh.menus.grub2.tree import Block, Command, For, If, Statement, While, Word

# Compound statements inside of each other.
NESTING = 40
_BEGINNINGS = frozenset(("name", "word", "if", "for", "while", "until"))


class Parser:
    """Statements of `text`. `define` gets each function where its definition ends, which
    is while parsing: GRUB defines one even if the statement it stands beside is wrong."""

    def __init__(
        self, text: str, define: Callable[[str, list[Statement]], None], line: int = 1
    ) -> None:
        self._lexer = Lexer(text, line)
        self._define = define
        self._depth = 0
        self.failure = ""
        self.failure_line = 0
        self.remark = ""

    def unit(self) -> list[Statement] | None:
        """Return the statements that begin on the next line, to the end of the line where
        they end; None at the end of the text. A syntax error leaves the list empty and
        its description in `failure`; `remark` is what GRUB refuses and petitboot takes."""
        lexer = self._lexer
        self.failure = self.remark = ""
        self._depth = 0
        try:
            while lexer.next() == "\n":
                pass
            return None if lexer.kind == "end" else self._line()
        except BadToken as error:
            self.failure = error.reason
            self.failure_line = lexer.line - (lexer.kind == "\n")
            lexer.skip_line()
            return []

    def _line(self) -> list[Statement]:
        lexer = self._lexer
        found: list[Statement] = []
        while lexer.kind not in ("\n", "end"):
            if lexer.kind == "function":
                self._function()
            else:
                found.append(self._command())
            if lexer.kind == ";":
                lexer.next()
            elif lexer.kind not in ("\n", "end"):
                self._unexpected()
        return found

    def _unexpected(self) -> None:
        kind = self._lexer.kind
        if kind == "end":
            raise BadToken("the file ends inside of a statement")
        text = self._lexer.text[self._lexer.start : self._lexer.position]
        raise BadToken("an unexpected line end" if kind == "\n" else f"an unexpected `{text}`")

    def _expect(self, kind: str) -> None:
        if self._lexer.kind != kind:
            self._unexpected()
        self._lexer.next()

    def _newlines(self) -> None:
        while self._lexer.kind == "\n":
            self._lexer.next()

    def _command(self) -> Statement:
        kind = self._lexer.kind
        if kind == "name" or kind == "word":
            return self._simple()
        if kind not in _BEGINNINGS:
            self._unexpected()
        self._enter()
        self._lexer.next()
        if kind == "if":
            found: Statement = self._if()
        elif kind == "for":
            found = self._for()
        else:
            condition = self._commands("do")
            found = While(condition, self._commands("done"), kind == "until")
        self._depth -= 1
        return found

    def _simple(self) -> Command:
        lexer = self._lexer
        line = lexer.line
        words: list[Word] = [lexer.word]
        kind = lexer.next()
        while True:
            if kind == "word" or kind == "name" or kind in PLAIN_KEYWORDS:
                words.append(lexer.word)
            elif kind == "{":
                return Command(words, self._block(), line)
            else:
                return Command(words, None, line)
            kind = lexer.next()

    def _block(self) -> Block:
        lexer = self._lexer
        begin = lexer.position
        self._enter()
        lexer.next()
        body, _ = self._list()
        end = lexer.start
        self._expect("}")
        self._depth -= 1
        # Only a function sees the text. Blocks within each other would fill the memory.
        return Block(body, lexer.text[begin:end] if end - begin <= CONFIG_LIMIT else "")

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > NESTING:
            raise BadToken(f"more than {NESTING} statements inside of each other")

    def _list(self) -> tuple[list[Statement], bool]:
        """Return commands, and whether a delimiter stands after the last."""
        self._newlines()
        found = [self._command()]
        while self._delimiters():
            if self._lexer.kind not in _BEGINNINGS:
                return found, True
            found.append(self._command())
        return found, False

    def _delimiters(self) -> bool:
        """Pass ``;`` or a line end, and the line ends after it; False where none is."""
        if self._lexer.kind not in (";", "\n"):
            return False
        self._lexer.next()
        self._newlines()
        return True

    def _closed_list(self) -> list[Statement]:
        found, closed = self._list()
        if not closed:
            self._unexpected()
        return found

    def _commands(self, closing: str) -> list[Statement]:
        """Return commands up to the keyword that ends them."""
        found = self._closed_list()
        self._expect(closing)
        return found

    def _if(self) -> If:
        condition = self._commands("then")
        branches = [(condition, self._closed_list())]
        while self._lexer.kind == "elif":
            self._lexer.next()
            condition = self._commands("then")
            branches.append((condition, self._closed_list()))
        otherwise: list[Statement] = []
        if self._lexer.kind == "else":
            self._lexer.next()
            otherwise = self._closed_list()
        self._expect("fi")
        return If(branches, otherwise)

    def _for(self) -> For:
        lexer = self._lexer
        if lexer.kind != "name":
            self._unexpected()
        name = str(lexer.word)
        lexer.next()
        self._expect("in")
        words: list[Word] = []
        while lexer.kind in ("word", "name") or lexer.kind in PLAIN_KEYWORDS:
            words.append(lexer.word)
            lexer.next()
        if not self._delimiters():
            self._unexpected()
        self._expect("do")
        return For(name, words, self._commands("done"))

    def _function(self) -> None:
        lexer = self._lexer
        if lexer.next() != "name":
            self._unexpected()
        name = str(lexer.word)
        lexer.next()
        self._newlines()
        self._expect("{")
        body, closed = self._list()
        if lexer.kind != "}":
            self._unexpected()
        if not closed:
            self.failure_line = lexer.line
            self.remark = f"GRUB wants `;` or a line end before the `}}` of function {name}"
        self._define(name, body)
        lexer.next()
