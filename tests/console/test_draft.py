"""An entry while it is edited, and what is noted on its words."""

from __future__ import annotations

from kxsh.boot.entry import Entry
from kxsh.console.edit.draft import Draft
from kxsh.console.edit.draft_notes import Notes, check, complete

LINE = "root=/dev/ram0  quiet init=/linuxrc"


def draft(line: str = LINE) -> Draft:
    return Draft(Entry("a", "A", "/k", ("/i",), line))


def texts(edited: Draft) -> list[str]:
    return [row.text for row in edited.rows]


def at(edited: Draft, text: str) -> Draft:
    edited.move_to(texts(edited).index(text))
    edited.end()
    return edited


def test_unchanged_is_the_same_entry_to_the_letter() -> None:
    entry = Entry("a", "A", "/k", ("/i",), "old", handover="BOOT_IMAGE=/k " + LINE)
    assert Draft(entry).entry() is entry
    edited = at(Draft(entry), "quiet")
    edited.type("x")
    assert edited.entry().handover == "BOOT_IMAGE=/k root=/dev/ram0  quietx init=/linuxrc"
    assert edited.entry().cmdline == edited.entry().handover
    edited.undo()
    assert edited.entry() is entry


def test_has_a_place_to_add_to() -> None:
    assert texts(draft()) == ["/k", "/i", "", "root=/dev/ram0", "quiet", "init=/linuxrc", ""]
    assert texts(draft("")) == ["/k", "/i", "", ""]
    edited = draft("")
    edited.type("single")
    edited.move_to(2)
    edited.type("/more ucode.img")
    assert edited.entry().initrds == ("/i", "/more ucode.img")
    assert edited.entry().cmdline == "single"
    assert texts(edited)[3] == ""  # the next place


def test_a_blank_begins_a_new_word_but_not_in_quotes() -> None:
    edited = at(draft(), "quiet")
    edited.type(' debug dyndbg="file a.c +p" x')
    assert edited.entry().cmdline == (
        'root=/dev/ram0  quiet debug dyndbg="file a.c +p" x init=/linuxrc'
    )


def test_words_are_split_and_joined() -> None:
    edited = at(draft("ab cd"), "ab")
    edited.left()
    edited.type(" ")
    assert edited.line()[0] == "a b cd"
    edited.backspace()
    assert edited.line()[0] == "ab cd"
    edited.end()
    edited.delete()
    assert edited.line()[0] == "abcd"
    for _ in range(4):
        edited.undo()
    assert edited.line()[0] == "ab cd"
    edited.move_to(3)
    edited.home()
    edited.backspace()  # what stands above is no word
    assert edited.line()[0] == "ab cd"


def test_switching_off_keeps_the_word_in_sight() -> None:
    edited = at(draft(), "quiet")
    edited.toggle()
    assert "quiet" in texts(edited)
    assert edited.entry().cmdline == "root=/dev/ram0 init=/linuxrc"
    edited.toggle()
    assert edited.entry().cmdline == LINE
    edited.move_to(0)
    edited.toggle()
    assert edited.entry().kernel == "/k"


def test_undo_takes_back_step_by_step() -> None:
    edited = at(draft(), "quiet")
    edited.type("ly debug")
    edited.clear()
    edited.move_to(0)
    edited.clear()
    assert edited.entry().kernel == ""
    seen = []
    while edited.undo():
        seen.append((edited.files("kernel"), edited.line()[0]))
    assert [kernel for kernel, _ in seen] == [("/k",)] * 4
    middles = [line.removeprefix("root=/dev/ram0  ") for _, line in seen]
    assert [line.removesuffix(" init=/linuxrc") for line in middles] == [
        "quietly", "quietly debug", "quietly", "quiet",
    ]  # fmt: skip


def test_notes_say_whose_a_word_is_and_what_is_wrong() -> None:
    edited = draft("root=/dev/ram0 rootdealy=5 e1000.debug=1 TERM=linux single -- ro")
    notes = [str(note) for note in Notes().of(edited)][3:-1]
    assert notes[0] == "kernel: the root filesystem"
    assert notes[1].startswith("KX412: there is no kernel parameter `rootdealy`")
    assert notes[2] == "module: the parameter debug of the module e1000"
    assert notes[3].startswith("init env: ")
    assert notes[4] == "init arg: read by systemd"
    assert notes[5].startswith("init: ")
    assert notes[6].startswith("init arg: ")


def test_findings_stand_at_their_word() -> None:
    notes = Notes()
    edited = draft("console= tty0 it's")
    assert [(index, item.code) for index, item in notes.findings(edited)] == [(3, "KX401")]
    at(edited, "console=").delete()
    assert notes.findings(edited) == []
    edited = draft('a b="c d')
    assert [(index, item.code) for index, item in notes.findings(edited)] == [(4, "KX408")]
    assert check("root=LABEL=X", with_initrd=True) == []
    assert [item.code for _, item in check("root=LABEL=X", with_initrd=False)] == ["KX405"]


def test_what_the_entrys_own_loader_adds_is_no_mistake() -> None:
    entry = Entry("a", "A", "/k", ("/i",), "", handover="BOOT_IMAGE=k initrd=i vga=791 ro")
    edited, notes = Draft(entry), Notes()
    assert [item.code for _, item in notes.findings(edited)] == ["KX404"]
    at(edited, "BOOT_IMAGE=k").type("x")
    assert [item.code for _, item in notes.findings(edited)] == ["KX410", "KX404"]


def test_completes_names_and_values() -> None:
    edited = draft("")
    edited.type("rootde")
    assert complete(edited.row, 6) == ("lay=", ["rootdelay="])
    edited.clear()
    edited.type("acpi=s")
    assert complete(edited.row, 6) == ("trict", ["strict"])
    edited.clear()
    assert complete(edited.row, 0) == ("", [])
