"""The usage errors that a script can be told of before it runs and while it runs.

Checker and interpreter both make them here, so that both say the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kxsh.errors import Edit, Fix, UsageError
from kxsh.signature import Item, Parameter, Signature
from kxsh.source import Span
from kxsh.text import as_word, display, names_in_a_row, nearest
from kxsh.values import INT, NO_ESP, TAGS, Type, misspelt_tag, variable_at, word_fault, wordless

# What stands after `exec` in a shell's script.
_PROGRAM_FOLDERS = ("/bin/", "/sbin/", "/usr/")
_SHELLS = frozenset(("sh", "ash", "bash", "dash", "busybox", "init", "/init"))
_ROOTS = frozenset(("switch_root", "pivot_root", "chroot", "run-init"))
# What a SHA-256 is written with.
_DIGEST, _HEXADECIMAL = 64, frozenset("0123456789abcdefABCDEF")
# What GRUB and U-Boot are told by a variable.
_GRUB_VARIABLES = {
    "timeout": "write `menu TITLE --timeout 5s { ... }`",
    "bootdelay": "write `menu TITLE --timeout 5s { ... }`",
    "default": "write `menu TITLE --default ID { ... }`",
    "fallback": "write `menu TITLE --fallback ID { ... }`",
    "root": "write `let root = mount LABEL=X`, then `$root/vmlinuz`",
    "prefix": "files are named from a mount: `let m = mount LABEL=X`",
    **dict.fromkeys(
        "gfxpayload gfxmode locale_dir color_normal color_highlight "
        "menu_color_normal menu_color_highlight timeout_style superusers check_signatures "
        "linux_gfx_mode recordfail have_grubenv".split(),
        "there is no need for it: leave it out",
    ),
    "bootargs": "write `load KERNEL --cmdline TEXT`",
}


def unknown_variable(name: str, known: Iterable[str], span: Span | None) -> UsageError:
    """Return the error for a variable that nothing has made."""
    near = nearest(name, known)
    if name in _GRUB_VARIABLES:
        hint = f"it is GRUB's; {_GRUB_VARIABLES[name]}"
        return UsageError(f"there is no variable `${name}`", code="KX101", span=span, hint=hint)
    hint = f"did you mean `${near}`?" if near else f"`let {name} = ...` makes it"
    return UsageError(f"there is no variable `${name}`", code="KX101", span=span, hint=hint)


def fixed_variable(name: str, span: Span | None) -> UsageError:
    """Return the error for a `set` of a constant."""
    return UsageError(f"`${name}` is fixed: it cannot be set", code="KX109", span=span)


def fixed_field(kind: Type, span: Span | None) -> UsageError:
    """Return the error for a `set` of a record's field."""
    return UsageError(
        f"only a map's key or a list's item can be set, not a field of {kind}",
        code="KX109",
        span=span,
    )


def null_object(span: Span, *, perhaps: bool = False) -> UsageError:
    """Return the error for a field or index of null."""
    verb = "may be" if perhaps else "is"
    return UsageError(
        f"`{span.text}` {verb} null here",
        code="KX105",
        span=span,
        hint=NO_ESP if span.text.lstrip("$") == "esp" else handle_null(span),
    )


def handle_null(span: Span | None) -> str:
    """Return the hint for what may be null, in the words of the script."""
    name = variable_at(span) or "x"
    return f"handle it first: `if let {name} = ${name} {{ ... }}`"


def bad_index(container: Type, key: Type, span: Span) -> UsageError:
    """Return the error for an index that this container does not take."""
    return UsageError(f"{container} cannot be indexed by {key}", code="KX106", span=span)


def bad_spread(kind: Type, span: Span) -> UsageError:
    """Return the error for `...` before what is no list."""
    return UsageError(f"`...` spreads a list, not {kind}", code="KX106", span=span)


def block_fault(
    signature: Signature, block: Span | None, span: Span, name: str
) -> UsageError | None:
    """Return the error for a block that is missing or too much, or None."""
    if block is not None and not signature.block:
        return UsageError(f"`{name}` takes no block", code="KX203", span=block)
    if block is None and signature.block == "required":
        return UsageError(
            f"`{name}` needs a block",
            code="KX203",
            span=span,
            hint=f"usage: {signature.usage()}",
        )
    return None


def misfit(parameter: Parameter, actual: Type, item: Item) -> UsageError:
    """Return the error for an argument of the wrong type."""
    if parameter.type.name == "text":
        error = wordless(actual, item.span)
        assert error is not None
        return error
    if actual.name == "null" or actual.optional:
        verb = "is" if actual.name == "null" else "may be"
        name = variable_at(item.span)
        subject = f"`${name}`, the {parameter.name.upper()}," if name else parameter.name.upper()
        return UsageError(
            f"{subject} {verb} null here", code="KX105", span=item.span, hint=handle_null(item.span)
        )
    return UsageError(
        f"{parameter.name.upper()} must be {parameter.type}, not {actual}",
        code="KX106",
        span=item.span,
        hint=_with_unit(parameter, actual, item.span),
    )


def _with_unit(parameter: Parameter, actual: Type, span: Span) -> str:
    """`sleep $n` with a number."""
    unit = {"duration": "1s", "size": "1MiB"}.get(parameter.type.solid().name)
    name = variable_at(span)
    return f"a number has no unit: `(${name} * {unit})`" if unit and name and actual == INT else ""


def program_as_kernel(name: str, items: Sequence[Item]) -> UsageError | None:
    """Return the error for a shell's `exec PROGRAM`, or None."""
    first = items[0] if items else None
    if name != "exec" or first is None or first.kind != "word":
        return None
    word = first.span.text.strip("\"'")
    if not word.startswith(_PROGRAM_FOLDERS) and word not in (*_SHELLS, *_ROOTS):
        return None
    hint = f"`run {word}` starts a program, and the script goes on after it"
    if word.rpartition("/")[2] in _ROOTS:
        hint = "a system is started by its kernel: `load KERNEL --cmdline root=...`, then `exec`"
    return UsageError(
        "`exec` starts the kernel that is loaded, and no program",
        code="KX209",
        span=first.span,
        hint=hint,
    )


def mount_conflict(options: Sequence[str], writable: bool) -> UsageError | None:
    """Return the error for `--options` that say other than `--rw` or its absence."""
    if writable and "ro" in options:
        message, hint = "`--rw` and `--options ro` contradict each other", "remove one of them"
    elif not writable and "rw" in options:
        message = "`--options rw` contradicts that a mount without `--rw` is read-only"
        hint = "write `--rw` for it"
    else:
        return None
    return UsageError(message, code="KX205", hint=hint)


def bad_digest(digest: str) -> UsageError | None:
    """Return the error for a `--sha256` that is none; an empty one is not given."""
    if not digest or (len(digest) == _DIGEST and set(digest) <= _HEXADECIMAL):
        return None
    return UsageError(
        f"`{display(digest)}` is not a SHA-256: that has {_DIGEST} hexadecimal digits",
        code="KX204",
        hint="`sha256sum FILE` prints it",
    )


# What `has feature` knows: `kximage loader --with` of these brings programs.
PROBED = ("luks", "lvm", "md", "net")


def probe_fault(kind: str, name: str) -> UsageError | None:
    """Return the error for a name that `has` of a kind knows nothing about."""
    if kind == "feature" and name not in PROBED:
        near = nearest(name, PROBED)
        there = f"there are: {', '.join(PROBED)}"
        return UsageError(
            f"`{display(name)}` is no feature of a loader that can be asked about",
            code="KX204",
            hint=f"did you mean `{near}`? {there}" if near else there,
        )
    if kind == "version" and not (name.isascii() and name.replace(".", "0").isdecimal()):
        return UsageError(
            f"`{display(name)}` is no version: numbers with points", code="KX204",
            hint="`has version 0.2`: this kxsh is 0.2 or newer",
        )  # fmt: skip
    return None


def two_keys() -> UsageError:
    """Return the error for two ways to open a container."""
    return UsageError("--key-file and --passphrase are two ways", code="KX205")


def lock_fault(hashes: Iterable[str], *, given: bool) -> UsageError | None:
    """Return the error for what `lock password` cannot open by: no hash, or none `given` at
    all. A password itself is none: it would stand in the script for all to read."""
    from kxsh.machine.passwords import is_hash

    hint = "make one with `kximage password`; put it in single quotes"
    if not given:
        return UsageError("`lock password` needs a hash", code="KX203", hint=hint)
    if all(is_hash(text) for text in hashes):
        return None
    return UsageError("this is no hash of a password", code="KX204", hint=hint)


def word_error(parameter: Parameter, word: str, span: Span) -> UsageError | None:
    """Return the error for a word outside a parameter's set or type, or None."""
    fault = word_fault(parameter.type, word)
    if fault and parameter.name == "timeout" and word.isdecimal() and len(word) > 1:
        return _timeout_without_unit(word, span)
    misspelt = misspelt_tag(word) if parameter.type.name in ("device", "spec") else None
    if fault and misspelt:
        hint = f"did you mean `{misspelt[1]}`? the tags: {', '.join(TAGS)}"
        return UsageError(f"`{misspelt[0]}` is no tag", code="KX604", span=span, hint=hint)
    if fault and parameter.type.name in ("device", "spec") and word.lstrip("(").startswith("hd"):
        return grub_name(word, span)
    hint = ""
    if parameter.choices and word not in parameter.choices:
        fault = f"`{word}` is not one of {', '.join(parameter.choices)}"
        near = nearest(word, parameter.choices)
        hint = f"did you mean `{near}`?" if near else ""
    return UsageError(fault, code="KX204", span=span, hint=hint) if fault else None


def grub_name(word: str, span: Span | None) -> UsageError:
    """Return the error for GRUB's name of a partition, ``(hd0,1)``."""
    name, _, rest = word.lstrip("(").partition(")")
    disk, _, part = name.partition(",")
    number = "".join(filter(str.isdigit, part))
    cure = f"part ${{esp.disk}} {number}" if number else "${esp.disk}"
    hint = f"a partition of the disk that was booted from is `{cure}`"
    fix = None
    if disk != "hd0":
        hint = "name it by its filesystem, `LABEL=X`: only the first disk is known, `${esp.disk}`"
    elif rest:
        hint = f"mount it first: `let image = mount ({cure})`, then `$image{rest}`"
    elif span is not None and number and span.text.strip("\"'") == word:
        fix = Fix("name it by `part`", (Edit(span, f"({cure})"),))
    return UsageError(
        f"`({name})` is GRUB's name of a partition",
        code="KX607",
        span=span,
        hint=hint,
        fix=fix,
    )


def _timeout_without_unit(word: str, span: Span) -> UsageError:
    """Return the error for a time out of another loader's menu: ISOLINUX's `timeout 150`
    is 15 seconds, GRUB's `timeout=15` as well."""
    tenths = f"{int(word) / 10:g}s" if len(word) < 9 else "a tenth of it"
    return UsageError(
        f"`{word}` has no unit: ISOLINUX counts tenths of a second, GRUB counts seconds",
        code="KX706",
        span=span,
        hint=f"`timeout {word}` of ISOLINUX is `--timeout {tenths}`",
    )


def bad_result(name: str, actual: Type, promised: Type, span: Span) -> UsageError:
    """Return the error for a function's result that is not what its header says."""
    return UsageError(f"`{name}` returned {actual}, not {promised}", code="KX106", span=span)


def bad_value(name: str, actual: Type, declared: Type, span: Span) -> UsageError:
    """Return the error for a `let` whose value is not of the written type."""
    return UsageError(f"`${name}` must be {declared}, not {actual}", code="KX106", span=span)


def outside(what: str, where: str, span: Span | None) -> UsageError:
    """Return the error for a `break`, `continue` or `return` with nothing to leave."""
    return UsageError(f"`{what}` outside a {where}", code="KX111", span=span)


def nothing_loaded() -> UsageError:
    """Return the error for an `exec` without a kernel."""
    return UsageError(
        "nothing is loaded, so there is nothing to start",
        code="KX301",
        hint="`load KERNEL --initrd ... --cmdline ...` first; `run` starts programs",
    )


def ends_unstarted() -> UsageError:
    """Return the error for a boot script that comes to its end."""
    return UsageError(
        "the script ended without starting a kernel",
        code="KX303",
        hint="end it with `exec`, or with `recovery`",
    )


def duplicate_entry(id: str) -> UsageError:
    return UsageError(
        f"the menu has an entry `{id}` already",
        code="KX702",
        hint="`--default` and `--fallback` name entries by their ids: give it another one",
    )


def duplicate_key(key: str) -> UsageError:
    return UsageError(
        f"the menu has an entry with the key `{key}` already",
        code="KX702",
        hint="a key starts one entry: take another one, or leave `--key` out",
    )


def no_such_entry(option: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error for a menu's --default or --fallback that names no entry."""
    ids = list(known)
    near = nearest(name, ids)
    return UsageError(
        f"--{option} names no entry: {name}",
        code="KX703",
        hint=f"did you mean {as_word(near)}?" if near else f"the entries: {names_in_a_row(ids)}",
    )


def entry_outside_menu() -> UsageError:
    return UsageError(
        "`entry` stands inside a `menu`", code="KX704", hint="menu TITLE { entry ... }"
    )
