"""What is told of the thing under the cursor, as Markdown."""

from __future__ import annotations

from kxsh.boot import parameters
from kxsh.boot.cmdline import Cmdline
from kxsh.checker.codes import CODES
from kxsh.commands import COMMANDS
from kxsh.commands.registry import Command
from kxsh.completion.kernel_words import CMDLINE_OPTIONS
from kxsh.errors import UsageError
from kxsh.lsp.analysis import Analysis
from kxsh.lsp.words import word_at
from kxsh.signature import Parameter, Signature, signature_of
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.text import display


def hover(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    """Return what is at an offset, and where that stands; None: nothing to tell."""
    found = (
        _variable(analysis, offset)
        or _call(analysis, offset)
        or _kernel_parameter(analysis, offset)
    )
    told = _explanation(analysis, offset)
    if found is None:
        return told
    return (f"{found[0]}\n\n---\n\n{told[0]}", found[1]) if told else found


def _variable(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    found = analysis.symbols.at(offset)
    if found is None:
        text = analysis.source.text
        word = word_at(text, offset, "$")
        if word is None or text[word[0] : word[1]] not in ("$esp", "esp"):
            return None
        place = Span(analysis.source, *word)
        return _code("$esp: device") + "\n\nThe partition that the script lies on.", place
    symbol, span = found
    if symbol.kind in ("function", "import"):
        is_function = isinstance(symbol.node, ast.Function)
        return (_function(symbol.node, symbol.name), span) if is_function else None
    lines = [_code(f"${symbol.name}: {analysis.type_of(symbol)}")]
    if symbol.span != span:
        line = analysis.source.position(symbol.span.start)[0]
        lines.append(f"made on line {line}: `{_first_line(symbol.whole.text)}`")
    return "\n\n".join(lines), span


def _first_line(text: str) -> str:
    return display(text.partition("\n")[0], 70).replace("`", "'")


def _call(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    """A call's name, or an option in it."""
    found = analysis.symbols.call_at(offset)
    if found is None:
        return _bare_command(analysis, offset)
    call, _ = found
    place = analysis.symbols.place(call.name_span)
    if place.start <= offset <= place.end:
        function = analysis.functions(offset).get(call.name)
        if function is not None:
            return _function(function, call.name), place
        if call.name in COMMANDS:
            return describe(COMMANDS[call.name]), place
        return None
    signature = analysis.signature(call.name, offset)
    for argument in call.arguments:
        span = analysis.symbols.place(argument.span)
        if argument.kind == "option" and span.start <= offset <= span.end and signature:
            parameter = signature.option(argument.name)
            if parameter is not None and offset <= span.start + len(argument.name) + 2:
                return _parameter(parameter), span
    return None


def _bare_command(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    """A command's name in a line that could not be read."""
    span = word_at(analysis.source.text, offset)
    if span is None or not analysis.faulty:
        return None
    word = analysis.source.text[span[0] : span[1]]
    return (describe(COMMANDS[word]), Span(analysis.source, *span)) if word in COMMANDS else None


def describe(command: Command) -> str:
    """Return a command's declaration as Markdown."""
    parts = [_code(command.signature.usage()), command.help, parameter_list(command.signature)]
    if command.raises:
        parts.append(f"Can fail with: {', '.join(command.raises)}.")
    if command.examples:
        parts.append(_code(command.examples[0]))
    return "\n\n".join(part for part in parts if part)


def _function(node: object, name: str) -> str:
    assert isinstance(node, ast.Function)
    try:
        usage = signature_of(node).usage()
    except UsageError:
        usage = node.name
    parts = [_code(f"fn {usage.replace(node.name, name, 1)}"), display(node.help, 2000)]
    return "\n\n".join(part for part in parts if part)


def parameter_list(signature: Signature) -> str:
    """Return one line for each parameter."""
    return "\n".join(f"- {_parameter(parameter)}" for parameter in signature.parameters)


def _parameter(parameter: Parameter) -> str:
    dashes = "--" if parameter.kind in ("option", "flag") else ""
    text = f"`{dashes}{parameter.name}`"
    if parameter.kind != "flag":
        text += f" ({parameter.type})"
    if parameter.help:
        text += f": {parameter.help}"
    if parameter.choices:
        text += f": {', '.join(parameter.choices)}"
    if parameter.default not in (None, "", False):
        text += f" (default {parameter.default})"
    return text


def _kernel_parameter(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    """A word of a kernel command line: whose it is, and what it does there."""
    found = analysis.symbols.call_at(offset)
    place = _command_line(analysis, found[0], offset) if found is not None else None
    if place is None:
        return None
    text = place.text.strip("\"'")
    start = place.start + place.text.find(text)
    for word, origin in parameters.classify_line(Cmdline(text)):
        if not start + word.start <= offset <= start + word.end:
            continue
        lines = [f"`{display(origin.key)}`: {origin.meaning}"]
        known = origin.parameter
        if known is not None and known.values:
            lines.append(f"values: {', '.join(known.values)}")
        return "\n\n".join(lines), Span(analysis.source, start + word.start, start + word.end)
    return None


def _command_line(analysis: Analysis, call: ast.Call, offset: int) -> Span | None:
    """Return the argument around an offset, if it is (words of) a kernel command line."""
    awaited = words = False
    for argument in call.arguments:
        if argument.kind == "option":
            awaited = argument.name in CMDLINE_OPTIONS
        value = argument.value
        if value is None:
            continue
        span = analysis.symbols.place(value.span)
        if span.start <= offset <= span.end:
            return span if awaited or words else None
        # `cmdline set KEY=VALUE...`: all after the action
        awaited, words = False, call.name == "cmdline"
    return None


def _explanation(analysis: Analysis, offset: int) -> tuple[str, Span] | None:
    """What the findings at an offset mean; the editor shows their messages itself."""
    for finding in analysis.findings:
        span = finding.span
        if span is None or span.source is not analysis.source or finding.code not in CODES:
            continue
        if span.start <= offset <= span.end and CODES[finding.code].text:
            code = CODES[finding.code]
            return f"**{code.code}**: {code.title}\n\n{code.text}", span
    return None


def _code(text: str) -> str:
    return f"```kxs\n{text.strip()}\n```"
