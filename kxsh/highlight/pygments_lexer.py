"""kxs for Pygments, and so for Sphinx, MkDocs, `rich` and many a paste site.

Installed as the lexer `kxs` where Pygments is (`pip install 'kxsh[pygments]'`). After a
command's name everything is a word up to the end of the line, a `;`, a brace or an
`else`; elsewhere a bare name is a command.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups, include
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)

_COMMAND = r"[A-Za-z_][\w+-]*(?:\.[A-Za-z_][\w+-]*)*(?=[\s;(){}\]]|$)"
_ALONE, _ENDED = r"(?<![\w$.+-])", r"(?![\w.+-])"
_ELSE = r"(?<=\s)(?=else(?:[\s;(){}\[\]]|$))"
_TYPE = r"[\[ ]*[a-z]+[\] ]*\??"


class KxsLexer(RegexLexer):  # type: ignore[misc]
    """Lexer of kxs, the boot scripting language of kxsh."""

    name = "kxs"
    aliases: ClassVar[list[str]] = ["kxs"]
    filenames: ClassVar[list[str]] = ["*.kxs"]
    mimetypes: ClassVar[list[str]] = ["text/x-kxs"]

    tokens: ClassVar[dict[str, list[object]]] = {
        "root": [
            (r"^[ \t]+(?=--[a-z])|^(?=--[a-z])", Whitespace, "call"),
            (
                _ALONE + rf"(let|set)(\s+)([A-Za-z_]\w*)(?:(\s*)(:)(\s*)({_TYPE}))?",
                bygroups(
                    Keyword, Whitespace, Name.Variable, Whitespace, Punctuation, Whitespace,
                    Keyword.Type,
                ),
            ),
            (
                _ALONE + r"(for)(\s+)([A-Za-z_]\w*)(?:(\s*,\s*)([A-Za-z_]\w*))?",
                bygroups(Keyword, Whitespace, Name.Variable, Punctuation, Name.Variable),
            ),
            (
                _ALONE + r"(fn)(\s+)([A-Za-z_][\w+-]*)",
                bygroups(Keyword, Whitespace, Name.Function),
                "function",
            ),
            (
                _ALONE + r"(as)(\s+)([A-Za-z_][\w+.-]*)",
                bygroups(Keyword, Whitespace, Name.Variable),
            ),
            (_ALONE + r"import(?=\s)", Keyword),
            include("values"),
            (r"[{};]", Punctuation),
            (_COMMAND, Name.Builtin, "call"),
            (r".", Text),
        ],
        "values": [
            include("blanks"),
            (
                rf"{_ALONE}(?:if|else|while|match|try|return|break|continue|in|not|and|or){_ENDED}",
                Keyword,
            ),
            (_ALONE + r"(?:true|false|null)" + _ENDED, Keyword.Constant),
            (r"\(", Punctuation, "paren"),
            (r"\[", Punctuation, "list"),
            include("strings"),
            (r"(?<![\w.$])(?:0x[0-9a-fA-F]+|[0-9]+(?:ms|s|m|h|[KMGT]iB)?)\b", Number),
            (r"(?<=[\w\])}])\.[A-Za-z_]\w*", Name.Attribute),
            (r"==|!=|<=|>=|=~|\?\?|[-+*/%<>=|]", Operator),
            (r"[,:]", Punctuation),
        ],
        "blanks": [
            (r"[ \t\n]+", Whitespace),
            (r"(?<![^\s;{}()\[\]])##.*$", Comment.Special),
            (r"(?<![^\s;{}()\[\]])#.*$", Comment.Single),
            (r"(?<!\S)\\[ \t]*\n", Whitespace),
        ],
        "strings": [
            (r'"', String.Double, "string"),
            (r"'[^'\n]*'?", String.Single),
            (r"\$\{", Name.Variable, "braced"),
            (r"\$[A-Za-z_]\w*", Name.Variable),
        ],
        "string": [
            (r'"|\n', String.Double, "#pop"),
            (r"\\.", String.Escape),
            (r"\$\{", Name.Variable, "braced"),
            (r"\$[A-Za-z_]\w*", Name.Variable),
            (r'[^"\\$\n]+|[$\\]', String.Double),
        ],
        "braced": [
            (r"\}|\n", Name.Variable, "#pop"),
            include("strings"),
            (r"[^\"'$}\n]+|\$", Name.Variable),
        ],
        "paren": [
            (r"\)", Punctuation, "#pop"),
            include("values"),
            (_COMMAND, Name.Builtin, "inner call"),
            (r".", Text),
        ],
        "list": [
            (r"\]", Punctuation, "#pop"),
            (r"[A-Za-z_]\w*(?=\s*:)", Name.Label),
            include("values"),
            (r".", Text),
        ],
        "call": [
            (r"(?=[;{})\]])", Text, "#pop"),
            (_ELSE, Text, "#pop"),
            (r"\n", Whitespace, "#pop"),
            include("arguments"),
        ],
        "inner call": [
            (r"(?=[;{})\]])", Text, "#pop"),
            include("arguments"),
        ],
        "arguments": [
            include("blanks"),
            (r"(?<!\S)\.\.\.(?=[$\[(\s])", Operator),
            (r"\(", Punctuation, "paren"),
            (r"\[", Punctuation, "list"),
            (r"(?<!\S)--[a-z][a-z0-9-]*(?=[=\s;(){}\[\]]|$)", Name.Tag),
            (r"(?<!\S)-[a-zA-Z](?=[\s;){}]|$)", Name.Tag),
            include("strings"),
            (r"(?<=[\s)\]])\?(?=[\s;)\]{}]|$)", Operator),
            (r"[^\s\"'$(){}\[\];|<>&`]+", String.Other),
            (r".", Text),
        ],
        "function": [
            (r"(?=\{)|\n", Text, "#pop"),
            include("blanks"),
            (r"->", Operator),
            (r"\(", Punctuation, "parameters"),
            (r"[a-z]+\??", Keyword.Type),
            (r".", Punctuation),
        ],
        "parameters": [
            (r"\)", Punctuation, "#pop"),
            (rf"(:)(\s*)({_TYPE})", bygroups(Punctuation, Whitespace, Keyword.Type)),
            (r"--[a-z][a-z0-9-]*", Name.Tag),
            (r"\.\.\.", Operator),
            include("values"),
            (r"[A-Za-z_]\w*", Name.Variable),
            (r".", Text),
        ],
    }  # fmt: skip
