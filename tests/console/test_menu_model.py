"""The menu without a terminal: the mark, submenus, the filter, entries that come and go."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from menu_program import tree as sample

from kxsh.boot.entry import Entry
from kxsh.commands.context import Choice, Offer
from kxsh.console.menu.controller import Controller
from kxsh.console.menu.help import HELP
from kxsh.console.menu.hot_keys import OWN_KEYS
from kxsh.console.menu.labels import Labels
from kxsh.console.menu.layout import draw, draw_page
from kxsh.console.menu.model import Model
from kxsh.console.menu.page import Action, Page
from kxsh.record import replace
from kxsh.text import cells, display, fold

SIZES = [(80, 24), (40, 10), (200, 60), (20, 4)]
HOSTILE = (
    "\x1b]52;c;ZXZpbA==\x07clip", "\x1bPq#0\x1b\\dcs", "ask\x1b[6n", "\x9b31mC1",
    "bidi\u202egnp.exe", "z\u200be\u200dro\ufeffwidth", "e\u0301\u0301\u0301\u0301 marks",
    "wide \u6f22\u5b57\u6f22\u5b57" * 5, "\x00nul", "line\nbreak\ttab\r", "x" * 10_000,
    "\u6f22" * 10_000, "\udc9b\udcff", "\U000e0041tag", "\ue000private",
)  # fmt: skip


def model(default: str = "e1") -> Model:
    return Model(Offer("Boot entries", sample(), default, None))


def texts(made: Model) -> list[str]:
    return [row.text for row in made.rows]


def marked(made: Model) -> str:
    return made.row.text if made.row else ""


def test_submenus_are_closed_until_they_are_opened() -> None:
    made = model()
    assert texts(made)[4:] == [
        '/dev/nvme0n1p2 "root" (256.0 GiB)',
        "Debian GNU/Linux",
        "Advanced options for Debian GNU/Linux",
        "kxsh",
        "Recovery prompt",
    ]
    controller = Controller(made)
    for _ in range(4):
        controller.press("down")
    assert marked(made) == "Advanced options for Debian GNU/Linux"
    controller.press("enter")
    assert made.row is not None and made.row.open
    controller.press("down")
    assert marked(made) == "Debian GNU/Linux, with Linux 6.1"
    controller.press("left")
    assert marked(made) == "Advanced options for Debian GNU/Linux"
    assert made.row is not None and not made.row.open


def test_a_default_in_a_submenu_is_seen() -> None:
    assert marked(model("e5")) == "Debian GNU/Linux, with Linux 6.1"


def test_the_filter_finds_by_words_of_title_submenu_disk_and_label() -> None:
    made = model()
    controller = Controller(made)
    controller.press("/")
    controller.type("ADVANCED rescue")
    assert [row.text for row in made.rows if row.kind == "entry"] == [
        "Advanced options for Debian GNU/Linux > Debian GNU/Linux, with Linux 6.1 (recovery mode)"
    ]
    controller.press("enter")
    assert controller.press("enter") == Action("start", made.choices[5])
    controller.press("escape")
    assert marked(made) == "Debian GNU/Linux, with Linux 6.1 (recovery mode)"
    controller.press("/")
    controller.type("no such thing")
    assert made.row is None and controller.press("enter") is None
    assert controller.press("enter") is None


def test_the_filter_knows_disks_by_their_names_without_dev() -> None:
    made = Model(
        Offer(
            "M",
            [
                Choice("a", "Arch", heading="/dev/sda1 (ROOT)"),
                Choice("b", "Debian", heading="/dev/sdb1 (STICK)"),
                Choice("c", "Fedora", heading="/dev/sdb1 (STICK)"),
            ],
            "a",
            None,
        )
    )

    def found(text: str) -> str:
        made.set_filter(text)
        return "".join(row.key[0] for row in made.rows if row.kind == "entry")

    assert [found(text) for text in ("d", "de", "dev", "deb")] == ["abc", "b", "", "b"]
    assert [found(text) for text in ("sdb1", "/dev/sdb1", "sda", "stick fed")] == [
        "bc", "bc", "a", "c",
    ]  # fmt: skip
    # Who types it in full sees all until it tells one from another.
    assert [found(text) for text in ("/", "/de", "/dev/", "/dev/sda")] == ["abc"] * 3 + ["a"]


def test_what_cannot_start_says_why() -> None:
    made = model()
    controller = Controller(made)
    controller.press("3")
    assert marked(made) == "Memory test"
    assert controller.press("enter") is None
    assert made.note.startswith("cannot start: memtest is a program for the BIOS")
    shown = "\n".join(text for line in draw(made, 80, 23, display).lines for _, text in line)
    assert "> - Memory test" in shown and "cannot start: memtest is a program" in shown


def test_hot_keys() -> None:
    """The script's, then the menu's own, then those of the menus on disks."""
    made = model()
    controller = Controller(made)
    assert controller.press("r") == Action("start", made.choices[6])
    assert controller.press("l") == Action("start", made.choices[0])
    controller.press("1")
    assert controller.press("e") == Action("edit", made.choices[0])


def test_the_marked_entry_stays_where_it_is_when_others_come() -> None:
    made = model()
    controller = Controller(made)
    controller.press("4")
    drawn = draw(made, 80, 10, display)
    before = sample()
    new = [
        Choice(f"n{n}", f"New {n}", heading="/dev/sdb1", entry=Entry(f"n{n}", f"New {n}", "/k"))
        for n in range(20)
    ]
    made.renew(Offer("Boot entries", [*new, *before], "n1", None))
    assert marked(made) == "Debian GNU/Linux"
    again = draw(made, 80, 10, display)
    assert again.cursor == drawn.cursor
    assert made.note == "the disks changed: 20 new"
    made.renew(Offer("Boot entries", before, "e1", None))
    assert marked(made) == "Debian GNU/Linux" and "20 gone" in made.note
    made.renew(Offer("Boot entries", before[:2], "e1", None))
    assert marked(made) == "Graphical install"
    made.renew(Offer("Boot entries", [], "", None))
    assert made.row is None
    made.renew(Offer("Boot entries", before, "e1", None))
    assert made.row is not None


def test_a_default_that_comes_later_is_marked_unless_a_key_was_pressed() -> None:
    first, later = sample()[:3], sample()
    made = Model(Offer("Boot entries", first, "e1", None))
    made.renew(Offer("Boot entries", later, "e4", None))
    assert marked(made) == "Debian GNU/Linux"
    made = Model(Offer("Boot entries", first, "e1", None))
    Controller(made).press("down")
    made.renew(Offer("Boot entries", later, "e4", None))
    assert marked(made) == "Graphical install"


def test_numbers_that_change_name_the_same_entry() -> None:
    """A menu made again may number its entries anew: what is marked is the entry."""
    made = Model(Offer("m", [Choice("1", "B", entry=Entry("b", "B", source="/g"))], "1", None))
    made.touched = True
    made.renew(
        Offer("m", [Choice("1", "A", entry=Entry("a", "A", source="/g")),
                    Choice("2", "B", entry=Entry("b", "B", source="/g"))], "1", None)
    )  # fmt: skip
    assert made.choice is not None and made.choice.id == "2"


def test_two_lines_that_start_one_entry_are_two() -> None:
    entry = Entry("a", "A", "/k", source="/g")
    made = Model(
        Offer("m", [Choice("x", "A", entry=entry), Choice("y", "B", entry=entry)], "", None)
    )
    Controller(made).press("down")
    assert made.choice is not None and made.choice.id == "y"
    assert made.choice_of(made.choice.identity) is made.choice


def test_words_are_added_and_taken_away() -> None:
    made = model()
    controller = Controller(made)
    controller.press("g")
    controller.press("s")
    assert made.added == ("nomodeset", "console=ttyS0,115200")
    controller.press("g")
    assert made.added == ("console=ttyS0,115200",)
    assert "not added any more" in made.status


@pytest.mark.parametrize(
    ("line", "chosen", "words"),
    [
        ("live", 0, ""),
        ("LIVE  single 3", 0, "single 3"),
        ("4 init=/bin/sh", 3, "init=/bin/sh"),
        ('"Debian GNU/Linux" x=1', 3, "x=1"),
        ("prompt", 6, ""),
    ],
)
def test_a_boot_line(line: str, chosen: int, words: str) -> None:
    made = model()
    assert Labels(made).action(line) == Action("start", made.choices[chosen], words)


def test_a_boot_line_that_names_nothing() -> None:
    made = model()
    labels = Labels(made)
    assert labels.action("nothing x") is None and "no entry has the label nothing" in made.note
    assert labels.action("memtest") is None and made.note.startswith("cannot start")
    assert labels.action("  ") is None


def in_submenus(*titles: str) -> Labels:
    entries = []
    for title in titles:
        *parents, _ = title.split(" > ")
        entries.append(Entry(f"gnulinux-{len(entries)}", title, "/k", parents=tuple(parents)))
    choices = [Choice(one.id, one.title, entry=one) for one in entries]
    return Labels(Model(Offer("m", choices, "", None)))


def test_a_title_in_a_submenu_is_found_as_it_stands_on_the_screen() -> None:
    labels = in_submenus("Debian", "More > Debian, with Linux 6.1", "More > Debian, old", "A > B")
    model = labels._model
    found = labels.action('"Debian, with Linux 6.1" single')
    assert found == Action("start", model.choices[1], "single")
    assert labels.complete("Debian, w") == ("Debian, w", [])  # blanks end a label
    assert labels.complete('"debian, w') == ('"Debian, with Linux 6.1" ', [])
    assert labels.action('"Debian, with Linux 6.2"') is None
    assert model.note == "no entry has that title; did you mean Debian, with Linux 6.1?"
    assert labels.action("Debian, with Linux 6.1") is None
    assert model.note == "no entry has the label Debian,; a title stands in quotes (Tab)"


def test_of_a_title_in_two_submenus_the_submenus_are_named() -> None:
    labels = in_submenus("One > Linux", "Two, too > Linux")
    assert labels.action("linux") is None
    assert labels._model.note == ("2 entries have that title, in One, 'Two, too': type a number")


def test_labels_are_completed() -> None:
    labels = Labels(model())
    debian = "Advanced options for Debian GNU/Linux > Debian GNU/Linux, with Linux 6.1"
    assert labels.complete("li") == ("live ", [])
    assert labels.complete("deb") == (
        "debian",
        [
            ("debian", "Debian GNU/Linux"),
            ("debian-old", debian),
            ("debian-rescue", f"{debian} (recovery mode)"),
        ],
    )
    assert labels.complete("debian-o") == ("debian-old ", [])
    assert labels.complete("live roo")[0] == "live root"
    assert labels.complete("zzz") == ("zzz", [])
    quoted = Labels(Model(Offer("m", [Choice("a b", "t"), Choice("a c", "u")], "", None)))
    assert quoted.complete('"a') == ('"a ', [("a b", "t"), ("a c", "u")])


def test_a_word_that_is_there_is_not_added() -> None:
    lines = ("quiet console=ttyS0 nomodeset", "quiet", "console=ttyS0,9600 console=tty0")
    choices = [
        Choice(f"e{at}", f"Entry {at}", entry=Entry(f"e{at}", "t", "/k", (), line))
        for at, line in enumerate(lines)
    ]
    made = Model(Offer("m", choices, "e0", None))
    controller = Controller(made)
    controller.press("s")
    assert made.note == "console=ttyS0 is in its command line already"
    controller.press("g")
    assert made.note == "nomodeset is in its command line already"
    assert made.added == ()
    controller.press("down")
    controller.press("s")
    assert made.note == "console=ttyS0,115200 is added to the command line"
    added = [made.added_to(choice) for choice in choices]
    # The last one is what the kernel takes for the system's console.
    assert added == [(), ("console=ttyS0,115200",), ("console=ttyS0,115200",)]
    controller.press("up")
    controller.press("s")
    assert made.added == ()


def test_titles_are_completed_too() -> None:
    choices = [Choice("0", "Another one"), Choice("1", 'Quoted "so"'), Choice("2", "Anaconda")]
    labels = Labels(Model(Offer("m", choices, "", None)))
    assert labels.complete("Ano") == ('"Another one" ', [])
    assert labels.complete("ana") == ("Anaconda ", [])
    assert labels.complete('"another o') == ('"Another one" ', [])
    assert labels.complete("An") == ("An", [("Another one",) * 2, ("Anaconda",) * 2])
    assert labels.complete("Quo") == ("Quo", [])
    assert labels.complete("") == (
        "", [("0", "Another one"), ("1", 'Quoted "so"'), ("2", "Anaconda")],
    )  # fmt: skip


def test_finding_marks_the_first_that_fits_and_esc_goes_back() -> None:
    made = model("e4")
    controller = Controller(made)

    def find(text: str) -> str:
        controller.type(text)
        return marked(made)

    def back() -> str:
        controller.press("escape")
        return marked(made)

    controller.press("/")
    assert find("i") == "Debian GNU/Linux"  # what is marked fits
    assert find("inst") == "Graphical install"
    assert find("") == "Debian GNU/Linux"
    assert find("e") == "Debian GNU/Linux"
    assert find("emo") == "Memory test"
    assert back() == "Debian GNU/Linux"
    controller.press("/")
    assert find("l") == "Debian GNU/Linux"
    controller.press("up")
    assert marked(made) == "Graphical install"
    assert find("") == "Graphical install"  # moved there by hand
    assert find("nothing at all") == ""
    assert back() == "Debian GNU/Linux"
    controller.press("/")
    assert find("live") == "Live system"
    controller.press("enter")
    assert back() == "Live system"
    assert made.filter == ""


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_every_drawing_fits_and_is_printable(columns: int, rows: int) -> None:
    choices = [
        Choice(f"h{number}", text, heading=text, fault=text if number % 3 else "",
               entry=Entry(text, text, kernel=text, initrds=(text, text), cmdline=text,
                           source=text, parents=(text,) * (number % 4), hotkey=text[:1]))
        for number, text in enumerate(HOSTILE)
    ]  # fmt: skip
    made = Model(Offer(HOSTILE[0], choices, "", None, failure=HOSTILE[1]))

    def shown(text: str) -> str:
        return display(text, 4000)

    for _ in range(60):
        made.open()
        for mode in ("list", "filter", "line"):
            made.note = random.choice(("", *HOSTILE))
            _check(draw(made, columns, rows, shown, mode).lines, columns, rows)
        made.move(1)
    for text in HOSTILE:
        made.set_filter(text)
        _check(draw(made, columns, rows, shown).lines, columns, rows)
    for count in (0, 1, 5):
        page = Page(HOSTILE[2], HOSTILE * count)
        for key in ("end", "down", "page-up", "home"):
            page.press(key, rows)
            _check(draw_page(page, columns, rows, shown).lines, columns, rows)


def _check(lines: object, columns: int, rows: int) -> None:
    assert isinstance(lines, list) and len(lines) == rows
    for line in lines:
        text = "".join(part for _, part in line)
        assert cells(text) <= columns, text
        assert text.isprintable() and not any("\u200b" <= one <= "\u202f" for one in text)


def test_long_texts_are_folded() -> None:
    assert fold("a bb ccc", 4) == ["a bb", "ccc"]
    assert fold("x" * 10, 4) == ["xxxx", "xxxx", "xx"]
    assert fold("   indented text", 12) == ["   indented", "   text"]
    assert fold("cmdline  a=1 b=2 c=3", 18) == [
        "cmdline  a=1 b=2",
        "         c=3",
    ]
    assert all(cells(line) <= 7 for line in fold("\u6f22" * 50, 7))


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs/menu.md").read_text()
    said = "\n".join(HELP)
    for key in sorted(OWN_KEYS - set("0123456789")):
        assert f"`{key}`" in page, key
        assert re.search(rf"^{re.escape(key)} ", said, re.MULTILINE), key
    for line in HELP[: HELP.index("")]:
        for key in re.split(r"[ ,]+|-(?=[A-Z])", line.partition("  ")[0]):
            assert key in page, key


KEYS = [
    "up", "down", "page-up", "page-down", "home", "end", "left", "right", "enter", "escape",
    "backspace", "tab", "redraw", "f1", "unknown", *"0123456789ecgsmw/:?rlxqy n", "interrupt",
]  # fmt: skip


def test_a_thousand_random_walks() -> None:
    """Whatever is pressed, typed and plugged in: the drawing fits, nothing is raised."""
    everything = sample()
    for seed in range(1000):
        random_ = random.Random(seed)
        made = Model(Offer("Walk", everything, random_.choice(["e1", "e5", ""]), None))
        controller = Controller(made)
        columns, rows = random_.choice(SIZES)
        for _ in range(40):
            if random_.random() < 0.1:
                count = random_.randrange(len(everything) + 1)
                made.renew(Offer("Walk", random_.sample(everything, count), "e4", None))
            if controller.mode == "filter" and random_.random() < 0.5:
                controller.type(random_.choice(["deb", "", "\x1b", "x", "a e"]))
            elif controller.mode == "line":
                controller.mode = "list"
                Labels(made).action(random_.choice(["live", "3", '"', "zz a", ""]))
            else:
                controller.press(random_.choice(KEYS))
            page = controller.page
            drawn = (
                draw_page(page, columns, rows, display)
                if page is not None
                else draw(made, columns, rows, display)
            )
            assert len(drawn.lines) == rows and 0 <= drawn.cursor < rows
            assert made.row is None or made.row.kind != "heading"


def test_what_was_edited_is_not_what_another_disk_has_there() -> None:
    """The same path and label, but not the same entry; its edit would boot something unseen."""
    made = model()
    before = sample()
    entry = before[0].entry
    assert entry is not None
    made.edited[made.choices[0].identity] = replace(entry, cmdline="edited")
    made.renew(Offer("Boot entries", sample(), "e1", None))
    assert list(made.edited) == [made.choices[0].identity]
    made.renew(Offer("Boot entries", before[1:], "e1", None))
    made.renew(Offer("Boot entries", sample(), "e1", None))
    assert not made.edited and made.note.startswith("an edited entry changed")
    made.edited[made.choices[0].identity] = replace(entry, cmdline="edited")
    other = Choice("e1", "Live system", entry=replace(entry, cmdline="init=/bin/sh"))
    made.renew(Offer("Boot entries", [other, *before[1:]], "e1", None))
    assert not made.edited and made.note.startswith("an edited entry changed")
