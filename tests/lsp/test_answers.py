"""What `kxsh --lsp` answers, asked over its standard input and output."""

from __future__ import annotations

from pathlib import Path

import pytest
from client import Client

SCRIPT = """\
kxs 1
import "there.kxs"
## Show a device.
fn show(dev: device, --times: int = 1, --very-loud: bool) {
  say "\U0001f600 $dev $times $very_loud"
}

let image = mount (part ${esp.disk} 1)
for item in isolinux-entries $image/isolinux/isolinux.cfg {
  if $item.bootable { say ${item.title} }
}
try {
  load $image/vmlinuz --cmdline "root=PARTUUID=1234 ro"
} else as err { say "$err" }
show $esp --times 2 --very-loud
there.hello
exec
"""
THERE = "## Say hello.\nfn hello() { say hello }\n"


@pytest.fixture(scope="module")
def opened(client: Client, folder: Path) -> Client:
    (folder / "there.kxs").write_text(THERE)
    (folder / "other.txt").write_text("")
    client.open(SCRIPT)
    return client


@pytest.fixture(autouse=True)
def again(opened: Client) -> None:
    if opened.text != SCRIPT:
        opened.replace(SCRIPT)


def hover(client: Client, place: str) -> tuple[str, str]:
    found = client.at(place, "hover")
    return found["contents"]["value"], client.within(found["range"])


def labels(client: Client, place: str) -> list[str]:
    return [item["label"] for item in client.at(place, "completion")]


# -- findings


def test_findings_have_what_editors_show(opened: Client) -> None:
    opened.replace("kxs 1\nlet a = 1\nsay \U0001f600 $b\nrecovery\n")
    unused, unknown = opened.findings_now
    assert (unused["code"], unused["severity"], unused["tags"]) == ("KX102", 2, [1])
    assert opened.within(unused["range"]) == "a"
    assert (unknown["code"], unknown["severity"], unknown["source"]) == ("KX101", 1, "kxsh")
    assert opened.within(unknown["range"]) == "$b"
    assert "there is no variable" in unknown["message"]
    assert "\nhelp: " in unknown["message"]


def test_the_code_leads_to_its_page_where_there_is_one(opened: Client, root: Path) -> None:
    (found,) = opened.replace("kxs 1\nsay $b\nrecovery\n")
    if (root / "docs" / "checks.md").exists():
        assert found["codeDescription"]["href"].endswith("docs/checks.md#kx101")
    else:
        assert "codeDescription" not in found


def test_other_places_are_related(opened: Client) -> None:
    found = opened.replace("kxs 1\nif exists LABEL=X:/a { load LABEL=X:/a }\nexec\n")
    others = [other for item in found for other in item.get("relatedInformation", [])]
    assert others
    assert all(other["location"]["uri"] == opened.uri and other["message"] for other in others)


def test_findings_of_an_import_are_told(opened: Client, folder: Path) -> None:
    other = (folder / "bad.kxs").as_uri()
    assert [item["code"] for item in opened.open("kxs 1\nfn f() { say $no }\n", uri=other)] == [
        "KX101"
    ]
    found = opened.replace('kxs 1\nimport "bad.kxs"\nbad.f\nrecovery\n')
    assert [item["code"] for item in found] == ["KX101"]
    assert found[0]["message"].startswith("bad.kxs:2:14: ")
    assert found[0]["relatedInformation"][0]["location"]["uri"] == other
    # The open document counts, not the file; and its change reaches the one that imports it.
    opened.change({"text": "kxs 1\nfn f() { say yes }\n"}, uri=other)
    opened.text = SCRIPT
    assert opened.next_findings(opened.uri) == []
    opened.tell("textDocument/didClose", textDocument={"uri": other})


def test_a_clean_script_has_none(opened: Client) -> None:
    assert opened.replace("kxs 1\nrecovery\n") == []


# -- hover


def test_hover_on_a_command(opened: Client) -> None:
    text, word = hover(opened, "mou|nt (part")
    assert word == "mount"
    assert text.startswith("```kxs\nmount DEVICE")
    assert "- `--rw`: allow writing" in text
    assert "Can fail with: not-found" in text


def test_hover_on_an_option(opened: Client) -> None:
    text, word = hover(opened, "--cmd|line")
    assert word == "--cmdline"
    assert text.startswith("`--cmdline`")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("$im|age/vmlinuz", "$image: mount"),
        ("${it|em.title}", "$item: entry"),
        ('"$er|r"', "$err: error"),
        ("let im|age", "$image: mount"),
        ("$very_lo|ud", "$very_loud: bool"),
        ("\U0001f600 $d|ev", "$dev: device"),
        ("${es|p.disk}", "$esp: device"),
    ],
)
def test_hover_on_a_variable(opened: Client, place: str, expected: str) -> None:
    text, word = hover(opened, place)
    assert text.startswith(f"```kxs\n{expected}\n```")
    assert word == expected[1:].partition(":")[0]


def test_hover_on_functions(opened: Client) -> None:
    text, word = hover(opened, "\nsh|ow $esp")
    assert word == "show"
    assert text == "```kxs\nfn show DEV [--times INT] [--very-loud]\n```\n\nShow a device."
    assert "Say hello." in hover(opened, "there.hel|lo")[0]


def test_hover_on_a_kernel_parameter(opened: Client) -> None:
    text, word = hover(opened, "PARTUUID=1234 r|o")
    assert word == "ro"
    assert "read-only" in text


@pytest.mark.parametrize(
    ("place", "word", "told"),
    [
        ("FOO=b|ar", "FOO=bar", "an environment variable for init"),
        ("fr|ob", "frob", "an argument for init"),
        ("TERM=vt|100", "TERM=vt100", "an environment variable for init"),
        ("ba|z", "baz", "it stands after `--`"),
        ("qu|iet", "quiet", "`quiet`: "),
        ("other.deb|ug=1", "other.debug=1", "the parameter debug of the module other"),
    ],
)
def test_hover_tells_whose_a_word_is(opened: Client, place: str, word: str, told: str) -> None:
    line = "quiet FOO=bar frob TERM=vt100 other.debug=1 -- baz"
    opened.replace(f'kxs 1\nload LABEL=X:/frobbed --cmdline "{line}"\nexec\n')
    text, seen = hover(opened, place if place != "fr|ob" else " fr|ob ")
    assert (told in text, seen) == (True, word)


def test_hover_beside_a_command_line_tells_nothing_of_init(opened: Client) -> None:
    opened.replace('kxs 1\nload LABEL=X:/quiet --cmdline "ro"\nexec\n')
    assert opened.at("LABEL=X:/qu|iet", "hover") is None


def test_hover_in_a_line_that_cannot_be_read(opened: Client) -> None:
    opened.replace("kxs 1\nmount LABEL=X && say\nrecovery\n")
    assert "mount DEVICE" in hover(opened, "mou|nt")[0]


def test_hover_on_a_finding_explains_it(opened: Client) -> None:
    opened.replace("kxs 1\nif exists LABEL=X:/a { load LABEL=X:/a }\nexec\n")
    text, _ = hover(opened, "\nexe|c")
    assert text.startswith("```kxs\nexec")
    assert "\n---\n\n**KX301**: " in text


# -- completion


def test_completion_of_commands_functions_and_keywords(opened: Client) -> None:
    opened.replace(SCRIPT + "mo")
    assert {"mount", "modprobe"} <= set(labels(opened, "\nmo|"))
    opened.replace(SCRIPT + "sh")
    assert "show" in labels(opened, "\nsh|")
    opened.replace(SCRIPT + "there.")
    assert labels(opened, "\nthere.|") == ["there.hello"]
    opened.replace(SCRIPT + "whi")
    assert labels(opened, "\nwhi|") == ["while"]


def test_completion_of_options_values_and_variables(opened: Client) -> None:
    opened.replace(SCRIPT + "mount LABEL=X --")
    assert {"--rw", "--type", "--keep"} <= set(labels(opened, "LABEL=X --|"))
    opened.replace(SCRIPT + "mount ")
    found = labels(opened, "\nmount |")
    assert {"LABEL=", "UUID=", "$esp"} <= set(found)
    opened.replace(SCRIPT + "sleep ")
    found = labels(opened, "\nsleep |")
    assert "$image" not in found, "a mount is no duration"
    opened.replace(SCRIPT + "show $esp --")
    assert {"--times", "--very-loud"} <= set(labels(opened, "$esp --|"))
    opened.replace(SCRIPT + 'let y = "a ${im')
    assert labels(opened, "${im|") == ["$image"]


def test_completion_below_what_is_no_kxs(opened: Client) -> None:
    opened.replace(SCRIPT + "if [ -f /x ]; then\n  mo\nfi\n")
    assert {"mount", "modprobe"} <= set(labels(opened, "\n  mo|"))
    opened.replace(SCRIPT + "if [ -f /x ]; then\n  mount LABEL=X --\nfi\n")
    assert "--rw" in labels(opened, "LABEL=X --|")


def test_what_is_fixed_is_not_offered_to_set(opened: Client) -> None:
    opened.replace(SCRIPT + "set ")
    found = labels(opened, "\nset |")
    assert "image" in found and "esp" not in found


def test_completion_replaces_what_was_typed(opened: Client) -> None:
    opened.replace(SCRIPT + 'say "\U0001f600!" $ima')
    (item,) = opened.at('!" $ima|', "completion")
    assert opened.with_edits([item["textEdit"]]) == SCRIPT + 'say "\U0001f600!" $image'


def test_completion_of_fields(opened: Client) -> None:
    opened.replace(SCRIPT + "say ${image.")
    assert set(labels(opened, "${image.|")) == {"path", "device", "fstype", "writable"}
    opened.replace(SCRIPT + "say ${image.device.")
    assert "partuuid" in labels(opened, "${image.device.|")


def test_completion_of_kernel_parameters(opened: Client) -> None:
    opened.replace(SCRIPT + 'load /a --cmdline "quiet rootw')
    assert "rootwait" in labels(opened, "quiet rootw|")


def test_completion_of_imports_and_types(opened: Client) -> None:
    opened.replace('kxs 1\nimport "')
    found = labels(opened, 'import "|')
    assert "there.kxs" in found
    assert "boot.kxs" not in found
    assert "other.txt" not in found
    opened.replace("kxs 1\nfn f(a: dev")
    assert labels(opened, "a: dev|") == ["device"]


def test_names_are_offered_where_they_can_be_used(opened: Client) -> None:
    opened.replace("kxs 1\nfor x in [1] { let inner = 1; say $ }\nlet later = 1\n")
    found = labels(opened, "say $|")
    assert {"$x", "$inner", "$esp"} <= set(found)
    assert "$later" not in found


def test_signature_help(opened: Client) -> None:
    opened.replace(SCRIPT + "show $esp --times ")
    found = opened.at("$esp --times |", "signatureHelp")
    (signature,) = found["signatures"]
    assert signature["label"] == "show DEV [--times INT] [--very-loud]"
    start, end = signature["parameters"][found["activeParameter"]]["label"]
    assert signature["label"][start:end] == "[--times INT]"
    assert opened.at("kxs| 1", "signatureHelp") is None


# -- names


def test_definition(opened: Client, folder: Path) -> None:
    def where(place: str) -> tuple[str, int]:
        found = opened.at(place, "definition")
        return found["uri"], found["range"]["start"]["line"]

    assert where("$im|age/vmlinuz") == (opened.uri, 7)
    assert where("\nsh|ow $esp") == (opened.uri, 3)
    assert where("--ti|mes 2") == (opened.uri, 3)
    assert where('"$er|r"') == (opened.uri, 13)
    assert where("there.he|llo") == ((folder / "there.kxs").as_uri(), 1)
    assert where('import "the|re.kxs"') == ((folder / "there.kxs").as_uri(), 0)
    assert opened.at("mou|nt (part", "definition") is None


def test_references(opened: Client) -> None:
    found = opened.at("let im|age", "references", context={"includeDeclaration": True})
    assert len(found) == 3
    assert {opened.within(item["range"]) for item in found} == {"image"}
    uses = opened.at("let im|age", "references", context={"includeDeclaration": False})
    assert len(uses) == 2
    assert len(opened.at("let im|age", "documentHighlight")) == 3


def test_outline(opened: Client) -> None:
    found = opened.ask("textDocument/documentSymbol", textDocument={"uri": opened.uri})
    assert [item["name"] for item in found] == ["there", "show", "image", "item", "err"]
    assert opened.within(found[1]["selectionRange"]) == "show"
    assert opened.within(found[1]["range"]).startswith("fn show(")


def test_rename(opened: Client) -> None:
    assert opened.within(opened.at("$im|age/vmlinuz", "prepareRename")) == "image"
    text = opened.edited(opened.at("$im|age/vmlinuz", "rename", newName="disk1"))
    assert text == SCRIPT.replace("let image", "let disk1").replace("$image", "$disk1")
    text = opened.edited(opened.at("\nsh|ow $esp", "rename", newName="show-it"))
    assert text == SCRIPT.replace("fn show", "fn show-it").replace("\nshow", "\nshow-it")
    text = opened.edited(opened.at("$very_lo|ud", "rename", newName="so-loud"))
    assert text == SCRIPT.replace("very-loud", "so-loud").replace("very_loud", "so_loud")


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        ("$im|age/vmlinuz", "item", "already"),
        ("$im|age/vmlinuz", "esp", "already"),
        ("$im|age/vmlinuz", "1a", "no name"),
        ("$im|age/vmlinuz", "if", "no name"),
        ("\nsh|ow $esp", "mount", "already"),
        ("\nsh|ow $esp", "a b", "no name"),
    ],
)
def test_rename_refuses_what_would_break(opened: Client, place: str, new: str, why: str) -> None:
    params = opened.place(place)
    answer = opened.ask_for_all("textDocument/rename", **params, newName=new)
    assert why in answer["error"]["message"]


def test_rename_refuses_a_function_that_is_there_twice(opened: Client) -> None:
    opened.replace("kxs 1\nfn f() { say 1 }\nfn f() { say 2 }\nf\nrecovery\n")
    answer = opened.ask_for_all("textDocument/rename", **opened.place("\n|f\n"), newName="g")
    assert "defined twice" in answer["error"]["message"]


# -- changes


def test_formatting(opened: Client) -> None:
    opened.replace("kxs 1\nsay   a\nif true {\nsay b }\n")
    options = {"tabSize": 8, "insertSpaces": False}
    edits = opened.ask("textDocument/formatting", textDocument={"uri": opened.uri}, options=options)
    assert opened.with_edits(edits) == "kxs 1\nsay a\nif true {\n  say b\n}\n"
    opened.replace("kxs 1\nif {\n")
    assert (
        opened.ask("textDocument/formatting", textDocument={"uri": opened.uri}, options=options)
        == []
    )


def test_formatting_keeps_windows_line_ends(opened: Client) -> None:
    opened.replace("kxs 1\r\nsay   a\r\n")
    (edit,) = opened.ask(
        "textDocument/formatting",
        textDocument={"uri": opened.uri},
        options={"tabSize": 2, "insertSpaces": True},
    )
    assert edit["newText"] == "kxs 1\r\nsay a\r\n"


def test_quick_fixes(opened: Client) -> None:
    opened.replace('kxs 1\nload LABEL=X:/a --cmdline "quiet BOOT_IMAGE=/x ro"\nexec\n')
    (found,) = opened.findings_now
    answer = opened.ask(
        "textDocument/codeAction",
        textDocument={"uri": opened.uri},
        range=found["range"],
        context={"diagnostics": [found], "only": ["quickfix"]},
    )
    (fix,) = [item for item in answer if item.get("isPreferred")]
    assert opened.edited(fix["edit"]) == 'kxs 1\nload LABEL=X:/a --cmdline "quiet ro"\nexec\n'
    assert fix["diagnostics"][0]["code"] == found["code"] == "KX410"


def test_fixes_of_two_findings_of_a_code_are_told_apart(opened: Client) -> None:
    found = opened.replace('kxs 1\nlet u = "\U0001f600"; let a = yes; let b = no\nsay $u $a $b\n')
    assert [item["code"] for item in found] == ["KX009", "KX009"]
    answer = opened.ask(
        "textDocument/codeAction",
        textDocument={"uri": opened.uri},
        range={"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 40}},
        context={"diagnostics": found, "only": ["quickfix"]},
    )
    fixes = [item for item in answer if item.get("isPreferred")]
    assert [item["title"] for item in fixes] == ["Write `true`", "Write `false`"]
    assert [item["diagnostics"][0]["range"] for item in fixes] == [one["range"] for one in found]
    assert 'let u = "\U0001f600"; let a = true; let b = no' in opened.edited(fixes[0]["edit"])


def test_a_menu_of_grub_is_fixed_as_a_whole(opened: Client) -> None:
    entry = 'menuentry "A" {\n  set root=(hd0,1)\n  linux /v ro\n}\n'
    found = opened.replace("kxs 1\nset timeout=5\n" + entry)
    place = next(item for item in found if item["message"].startswith("`menuentry`"))
    answer = opened.ask(
        "textDocument/codeAction",
        textDocument={"uri": opened.uri},
        range=place["range"],
        context={"diagnostics": found, "only": ["quickfix"]},
    )
    (fix,) = [item for item in answer if item["title"].startswith("Write it as a menu")]
    changed = opened.edited(fix["edit"])
    assert changed.startswith('kxs 1\nmenu "Boot" --timeout 5s {\n  entry a "A" {\n')
    assert opened.replace(changed) == []


def test_fix_all(opened: Client) -> None:
    line = 'load LABEL=X:/a --cmdline "quiet{}"'
    before, after = line.format(" BOOT_IMAGE=/x"), line.format("")
    opened.replace(f"kxs 1\nif true {{ {before} }} else {{ {before} }}\nexec\n")
    (fix,) = opened.ask(
        "textDocument/codeAction",
        textDocument={"uri": opened.uri},
        range={"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
        context={"diagnostics": [], "only": ["source.fixAll"]},
    )
    assert opened.edited(fix["edit"]) == (
        f"kxs 1\nif true {{ {after} }} else {{ {after} }}\nexec\n"
    )


def allow(client: Client, text: str) -> str:
    """Return the text after its KX601 was allowed; that finding is gone then."""
    found = next(item for item in client.replace(text) if item["code"] == "KX601")
    answer = client.ask(
        "textDocument/codeAction",
        textDocument={"uri": client.uri},
        range=found["range"],
        context={"diagnostics": [found], "only": ["quickfix"]},
    )
    (action,) = [item for item in answer if item["title"].startswith("Allow KX601")]
    changed = client.edited(action["edit"])
    assert "KX601" not in [item["code"] for item in client.replace(changed)]
    return changed


def test_a_finding_is_allowed(opened: Client) -> None:
    """In the comment for the line, else at the line's end, else above it."""
    comment = "# kxs: allow KX601 (the reason)"
    assert allow(opened, "kxs 1\nlet a = mount /dev/sda1 \nboot $a/b\n").split("\n")[1] == (
        f"let a = mount /dev/sda1  {comment}"
    )
    above = "kxs 1\ntry {\n  boot /dev/sda1:/a # b\n} else { recovery }\n"
    assert allow(opened, above).split("\n")[2:4] == [f"  {comment}", "  boot /dev/sda1:/a # b"]
    both = "kxs 1\n# kxs: allow KX999 lab\nlet a = mount /dev/sda1\nboot $a/b\n"
    assert "# kxs: allow KX999,KX601 lab" in allow(opened, both)


def test_what_stops_a_script_is_not_allowed(opened: Client) -> None:
    (found,) = opened.replace("kxs 1\nx=5\nrecovery\n")[:1]
    answer = opened.ask(
        "textDocument/codeAction",
        textDocument={"uri": opened.uri},
        range=found["range"],
        context={"diagnostics": [found]},
    )
    assert found["code"] == "KX001"
    assert [item["title"] for item in answer if item["title"].startswith("Allow")] == []
    assert any(item["kind"] == "quickfix" for item in answer), "but it is put right"


def test_fix_all_brings_no_more_to_light(opened: Client) -> None:
    """All rounds, as `kxsh --check --fix` does, and Windows line ends stay."""
    opened.replace("kxs 1\r\nx=5\r\nsay $x && recovery\r\n")
    answer = opened.ask(
        "textDocument/codeAction",
        textDocument={"uri": opened.uri},
        range={"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
        context={"diagnostics": [], "only": ["source"]},
    )
    (edit,) = answer[0]["edit"]["changes"][opened.uri]
    assert edit["newText"].startswith("kxs 1\r\nlet x = 5\r\n")


def test_a_document_that_is_not_open_is_an_error(opened: Client) -> None:
    place = {"textDocument": {"uri": "file:///none.kxs"}, "position": {"line": 0, "character": 0}}
    assert "not open" in opened.ask_for_all("textDocument/hover", **place)["error"]["message"]
