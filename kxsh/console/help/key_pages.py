"""What `help keys` and its like say: every key of the prompt, and of what it opens.

The menu's own page is in `kxsh.console.menu.help`. tests/console/test_keys.py compares
all of them, and the tables of the documentation, with what is bound.
"""

from __future__ import annotations

# A topic's names, the first as `help` lists it -> its text: see `kxsh.console.help.topics`.
PAGES = {
    "keys prompt-keys": """\
The keys at this prompt.

  Enter          run the line; one that is not complete goes on in the next
  Tab            complete; again: the next of the list
  F1             the signature of what is being typed
  Up, Down       earlier lines: those that begin with what is typed
  Right, End     at the end of the line: take what the history suggests
  Ctrl-R         search the history backwards, Ctrl-S forwards; Ctrl-G ends it
  Ctrl-A, Home   to the start of the line; Ctrl-E, End: to its end
  Alt-B, Alt-F   a word back, a word on; Ctrl-Left, Ctrl-Right, too
  Ctrl-W, Alt-D  delete the word before, the word after; Ctrl-Y: put it back
  Ctrl-U         delete to the start of the line; Ctrl-K: to its end
  Ctrl-_         undo the last change of the line
  Alt-Enter      run a text that is not complete
  Esc            on an empty line: back to the menu that opened this prompt
  Ctrl-L         clear the screen
  Ctrl-C         clear the line, or stop what runs; twice: start kxsh anew
  Ctrl-D         boot again, after a question
  Ctrl-\\         end a program that takes no notice of Ctrl-C; Ctrl-Z is off
  Ctrl-Alt-Del   restart the machine

Passphrases are not kept, nor lines that begin with a blank.
See also: pager, stepping, editing, menu-keys.
""",
    "pager paging": """\
The keys where a text is longer than the screen: `help`, `ls`, `cat`, `log`.

  q, Q, Esc, Ctrl-C, Ctrl-D
                 back to the prompt
  Up, Down, Enter, k, j
                 a line
  PgUp, PgDn, Space, b, f
                 a screen
  Home, End, g, G
                 to the begin, to the end
  /              search: type what, then Enter; Esc gives up. Large and small letters are the same
  n, N           the next place, the one before
""",
    "stepping step-keys": """\
The keys of `step`, which asks before each statement.

  Enter          run it; after a failure: again
  i              go into it: its block's statements are asked about one by one
  s              skip it
  e              edit it; what it became is asked about again
  c              run all the rest
  u              after a failure: up to the `else` or `try` around it, as the script would
  q, Esc, Ctrl-C, Ctrl-D
                 back to the prompt; `step` and `retry` go on from there, or
                 from the begin of the block that was left

See also: going-on.
""",
    "editing editor-keys": """\
The keys of the entry editor: `edit` at the prompt, `e` in the menu. Each file and word has a
row; a blank begins a new word.

  Up, Down, Ctrl-P, Ctrl-N, PgUp, PgDn
                 another row
  Left, Right, Ctrl-B, Ctrl-F
                 within the row; on to the next
  Home, End, Ctrl-A, Ctrl-E
                 the row's start and end
  Enter          a new row below
  Tab            complete a kernel parameter, its value, or a file
  Ctrl-T, F2     leave the row out, or take it in again
  Backspace, Del, Ctrl-D
                 delete; at a word's begin: join it with the one before
  Ctrl-K         clear the rest of the row
  Ctrl-U, Ctrl-W
                 clear the row
  Ctrl-Z, F3, Ctrl-_
                 undo
  F1             the keys
  Ctrl-L         draw the screen again
  F10, Ctrl-X    done: load it, or keep it for the menu's start
  Esc, Ctrl-C, Ctrl-G
                 back; asks first when something was changed

On a terminal that cannot move its cursor rows have numbers: `3 TEXT` changes row 3, `-3`
removes it, `+ TEXT` adds words, `i FILE` an initrd, `u` undoes, `l` lists, `load`, `boot` or
`keep` goes on, `?` shows these, `q` leaves.
""",
}
