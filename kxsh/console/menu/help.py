"""The texts behind `?`: every key of the menu, and every line of the menu in lines."""

HELP = (
    "Up Down        move the mark; also Ctrl-P and Ctrl-N",
    "PgUp PgDn      one screen; Home and End: first and last",
    "Enter          start the marked entry; open or close a submenu",
    "Right Left     open and close a submenu",
    "1 2 3 ...      mark the entry of that number",
    "a key shown    start that entry at once (`key x` beside it)",
    "/              find: show only entries with these words. Enter keeps what was found,"
    " Esc shows all again",
    ":              boot line: type a label and more words for its command line, as in LILO;"
    " Tab completes labels, titles, parameters",
    "e              edit kernel, initrds and command line of the entry, for this start",
    "Tab            show the plan: what would be loaded, how, and whether it fits",
    "g              add `nomodeset` (safe graphics) to the command line, or take it away",
    "s              add `console=ttyS0,115200` (serial console), or take it away",
    "c              recovery prompt; Esc or `exit` comes back to this menu",
    "m              machine: restart, switch off, firmware set-up, next start",
    "w              why: what the last start failed with, in full",
    "?  or F1       this page",
    "Esc Backspace  show all again after a search; close a submenu; also Del",
    "Ctrl-L         draw the screen again",
    "Ctrl-C         leave the menu for the recovery prompt",
    "",
    "In a page, or a list to choose from:",
    "Up Down        scroll, or move the mark; also PgUp, PgDn, Space, Home, End",
    "Enter          choose, or close the page; so does the letter before a line",
    "Esc q          close it; also Left and Tab",
    "y Y            start what is asked about, as an installer; any other key does not",
    "",
    "A countdown is stopped for good by any key; Enter, or a key shown, starts at once.",
    "`-` instead of a number: the entry cannot start; mark it to see why.",
)

# Said once below the first list in lines.
LINES = "Number or label, then Enter; e 1 edits, p 1 plans, / finds, m machine, ? help"

LINES_HELP = (
    "Type a line, then Enter. One that is not understood starts nothing.",
    "",
    "2              start entry 2; Enter alone does what the question says",
    "linux quiet    the boot line, as in LILO: start what has this label, with these words"
    " added to its command line. A number, an id or a title (in quotes) will do, too;"
    " Tab completes labels, titles, parameters",
    ": e quiet      the same for a label that means something else here",
    "r              start the entry that has `key r` beside it",
    "+1  -1         open and close submenu 1",
    "+   -          go on in a long list, and back",
    "/ word word    find: list only entries with these words; / alone lists all",
    "e 2            edit kernel, initrds and command line of entry 2, for this start",
    "p 2            show the plan: what would be loaded, how, and whether it fits",
    "g              add `nomodeset` (safe graphics) to the command line, or take it away",
    "s              add `console=ttyS0,115200` (serial console), or take it away",
    "c              recovery prompt; `exit` comes back to this menu",
    "m              machine: restart, switch off, firmware set-up, next start",
    "w              why: what the last start failed with, in full",
    "?              this page. In words, too: `edit 2`, `plan 2`, `why`, `help`",
    "Ctrl-U         take back the line; Backspace: a character",
    "Ctrl-C         leave the menu for the recovery prompt",
)
