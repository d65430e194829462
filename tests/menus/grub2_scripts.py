"""Scripts for the judge: random ones that a seed decides, and those written by hand."""

# A script is easier to read on one line.
# ruff: noqa: E501

from __future__ import annotations

import random

NAMES = ("a", "b", "foo", "x1")
VALUES = ("x", "'p  q'", "' lead'", "'tail '", '""', "'s*t'", r"'b\s'", "'1'", "0x10", "'a b c'")
WORDS = (
    *("plain", "$a", "${b}", '"$a"', '"${foo}x"', "'q $a'", r"a\ b", r'"a \$a \" \\ b"', "a$a'b'"),
    *('""', "''", "$1", '"$2"', '"$@"', "$@", '"$*"', "$*", "$#", '"$#"', "$?", "$none", '"$none"'),
    *('$"t $a"', r"\*", '"*"', "l\\\nm", "x$a$b", '"$a""$b"', "$a'y'$b", "if", "in", "done", "fi"),
    *(
        "a=b",
        "[",
        "]",
        "!",
        "-n",
        "--",
        "#no",
        "a#b",
        r"\x41",
        r"'\n'",
        '"\\n"',
        "${1}",
        "$12",
        "é",
    ),
)
TESTS = (
    '"$a" = x',
    "$a == $b",
    "-n $a",
    '-z "$b"',
    "x$a != x",
    "1 -lt 2 -a 3 -ge 3",
    '! "$a" = "$b"',
    '( "$a" = x -o "$b" = x ) -a -n "$foo"',
    "-f /none",
    "-d /",
    "010 -eq 8",
    "-5 -lt 3",
    "vmlinuz-2 -plt vmlinuz-11",
    "a < b",
    "a -a",
    "-o",
    "! ! x",
    '""',
    "$none",
)
BROKEN = (
    "echo a & echo b",
    "then",
    "if true; then",
    "fi",
    "}",
    "echo a; ; echo b",
    "; echo a",
    "echo $",
    "echo ${a",
    "for 1 in a; do echo a; done",
    "function f { echo a }",
    "menuentry x { }",
    "echo a | echo b",
    "echo {a}",
    "while ; do echo a; done",
    "echo a > b",
    "[[ a ]]",
    'echo "a $ b"',
    "if true; then echo a; else; echo b; fi",
)


class Generator:
    """Writes one script; every loop in it ends."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)
        self._loops = 0

    def script(self) -> str:
        dice = self._dice
        lines = [f"{name}={dice.choice(VALUES)}" for name in dice.sample(NAMES, 2)]
        for number in range(dice.randrange(3)):
            lines.append(f"function f{number} {{\n{self._body(2, True)}\n}}")
        for _ in range(dice.randrange(3, 8)):
            lines.append(self._statement(3, False))
        for _ in range(dice.randrange(3)):
            lines.append(self._entry(1))
        if dice.random() < 0.35:
            lines.insert(dice.randrange(1, len(lines)), dice.choice(BROKEN))
        return "\n".join(lines) + "\n"

    def _entry(self, depth: int) -> str:
        dice = self._dice
        title = dice.choice(("One", "'Two words'", '"v $a"', "$a", "'it>s'", "''"))
        options = dice.choice(
            ("", " --id one", " --class a --class b", " --id=t --hotkey=x", " p q")
        )
        if depth and dice.random() < 0.3:
            inside = "\n".join(self._entry(0) for _ in range(dice.randrange(1, 3)))
            return f"submenu {title}{options} {{\n{self._body(1, False)}\n{inside}\n}}"
        end = 'echo "$1:$2:$#:$chosen:$a:$b:$foo"\nexit'
        return f"menuentry {title}{options} {{\n{self._body(1, False)}\n{end}\n}}"

    def _body(self, depth: int, function: bool) -> str:
        count = self._dice.randrange(1, 4)
        return "\n".join(self._statement(depth, function) for _ in range(count))

    def _words(self, most: int) -> str:
        return " ".join(self._dice.choice(WORDS) for _ in range(self._dice.randrange(most + 1)))

    def _statement(self, depth: int, function: bool) -> str:
        dice = self._dice
        kinds = ["echo", "echo", "echo", "set", "set", "other"]
        if depth > 0:
            kinds += ["if", "for", "while", "eval", *(["call"] * (not function))]
        kind = dice.choice(kinds)
        if kind == "echo":
            return f'echo "[" {self._words(4)} "]"'
        if kind == "set":
            name = dice.choice(NAMES)
            value = dice.choice((*VALUES, *WORDS[:24]))
            return f"{dice.choice(('set ', ''))}{name}={value}"
        if kind == "other":
            return self._other(function)
        if kind == "call":
            return f"f{dice.randrange(2)} {self._words(3)}\necho called $?"
        if kind == "eval":
            return f"eval 'echo ev $a; {dice.choice(NAMES)}=e'"
        return self._compound(kind, depth, function)

    def _other(self, function: bool) -> str:
        choices = ["true", "false", "! true", "! false", "nosuchcommand", "export a", "unset b"]
        choices += ["echo $?", "unset", "shift", "set foo", "regexp 'a(.)' \"$a\"; echo $?"]
        if function:
            choices += ["return", "return 3", "setparams 'u v' w", "shift; echo $1 $#"]
        return self._dice.choice(choices)

    def _condition(self, function: bool) -> str:
        dice = self._dice
        test = dice.choice(TESTS)
        choices = [f"[ {test} ]", f"test {test}", f"! [ {test} ]", "true", "false"]
        return dice.choice(choices + ["f0 x"] * (not function))

    def _compound(self, kind: str, depth: int, function: bool) -> str:
        dice = self._dice
        body = self._body(depth - 1, function)
        if kind == "if":
            text = f"if {self._condition(function)}; then\n{body}\n"
            if dice.random() < 0.4:
                text += (
                    f"elif {self._condition(function)}; then\n{self._body(depth - 1, function)}\n"
                )
            if dice.random() < 0.5:
                text += f"else\n{self._body(depth - 1, function)}\n"
            return text + "fi"
        leave = dice.choice(("", "", "break", "continue", "break 2"))
        if kind == "for":
            return (
                f"for {dice.choice(NAMES)} in {self._words(3)}; do\n{body}\n{leave or 'true'}\ndone"
            )
        self._loops += 1
        name = f"n{self._loops}"
        test = dice.choice((f'while [ "${name}" != xxx ]', f'until [ "${name}" = xx ]'))
        return f"{name}=\n{test}; do\n{name}=x${name}\n{body}\n{leave or 'true'}\ndone"


WRITTEN = (
    'x="a b"; function f { echo $# "$1"; }; f $x "q r"',
    'function f { echo "$#:$1:$2"; }\nf "" "$@"\nf "$@" x\nf a\\ b "c d"\'e f\'',
    "x=' lead and trail '\necho [a$x]b[$x\"c\"]",
    "for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done; echo $i",
    "for i in 1 2; do for j in a b; do if [ $j = b ]; then break 2; fi; echo $i$j; done; done; echo e",
    "for i in 1 2; do for j in a b; do if [ $j = b ]; then continue 2; fi; echo $i$j; done; done",
    'i=; while [ "$i" != xxx ]; do i=x$i; echo $i; done; echo $?',
    'i=; until [ "$i" = xxx ]; do i=x$i; echo $i; done; echo $?',
    "function g { return 7; }\ng; echo $?\nif g; then echo T; else echo F; fi",
    "function g { for i in 1 2; do return; done; echo no; }\ng; echo r$?",
    "function g { echo $1; shift; echo $1 $#; shift 2; echo $? $#; }\ng a b c; g a",
    'function g { setparams x "y z"; echo $# "$2" $2; }\ng a',
    "function g { if true; then return 2; fi; echo no; }\ng; echo $?",
    "if nosuch; then echo T; else echo F; fi\nif ! nosuch; then echo T; else echo F; fi; echo $?",
    "!; echo $?\n! false; echo $?\n! true; echo $?\n! load_env -f /none; echo $?",
    "true; ; echo a\necho b",
    "if true; then\n echo a\n echo b & echo c\n echo d\nfi\necho e",
    "if true; then\n function f {\n  echo in\n }\n x=1\nelse\n x=2\nfi\nf; echo $x",
    "menuentry e { }\necho $?\nmenuentry f { exit }\necho $?",
    "menuentry\necho $?\nmenuentry x\necho $?\nmenuentry --id\necho $?",
    "menuentry --source 'echo src $1; exit' title\necho $?",
    'submenu S --id s { x=1; menuentry A { echo "a $x $chosen"; exit; } }\nx=2',
    'export e; e=1; n=1; submenu S { echo "[$e$n]"; e=2; menuentry A { echo "$e$n"; exit; } }',
    'menuentry A { x=$x$x; echo "$x"; exit; }\nmenuentry B { echo "$x"; exit; }\nx=q',
    'menuentry "it\'s a" b "c d" { echo "$1|$2|$3|$#"; exit; }',
    "menuentry A { function f { echo x; } }\nf",
    'echo a { b c }\nfunction f { echo "$1" $#; }\nf { x; y }',
    "echo 'line1\n#line2\nline3' \"x\n#y\"\necho a\\\n#b\n",
    "#c\n  # d\necho a#b # e\necho '#' \\# \"#\"",
    "echo a\\\nb c\\\n  d \\\n e",
    "echo \"a\\\nb\" 'c\\\nd'",
    "echo a \\",
    "echo 'unclosed",
    'echo "unclosed $x',
    "echo -e 'a\\tb\\nc\\qd\\ce' f\necho -e -n x y\necho -ne z\necho n -n\necho -x -n a\necho -- -n",
    "1x=3; echo $?\na=b=c; echo $a\n=q; echo $?\na$a=1; echo $?",
    'set y; echo $?\nset x=a b; echo "$x"\nx=\'$y\'; y=3; eval echo $x; eval "set z=$x"; echo $z',
    "eval; echo $?\neval 'false'; echo $?\neval \"echo 1\necho 2\"\neval 'if true; then' 'echo x; fi'",
    '[ ]; echo $?\n[ "" ]; echo $?\ntest; echo $?\ntest -e; echo $?\n[ a; echo $?',
    "[ 1 -eq 01 ]; echo $?\n[ 0x1f -eq 31 ]; echo $?\n[ 08 -eq 0 ]; echo $?\n[ -1 -lt 1 ]; echo $?",
    "[ a -pgt b ]; echo $?\n[ k-9 -plt k-10 ]; echo $?\n[ k10 -pgt k9 ]; echo $?",
    "[ a < b -a b > a ]; echo $?\n[ a '<' b -a b '>' a -a a '<=' a ]; echo $?",
    "[ ( a = b ) -o ( a = a ) ]; echo $?\n[ ! ( a = b ) ]; echo $?\n[ '(' a = b ')' -o c ]; echo $?",
    "[ -f /etc/passwd -a -d /etc -a -s /etc/passwd ]; echo $?\n[ -e /nope -o -d /etc/passwd ]; echo $?",
    "[ -d (host)/etc ]; echo $?\n[ -f (nope)/x ]; echo $?\n[ -d / -a -e / ]; echo $?",
    "echo /etc/hostnam* '/etc/hostnam*' /etc/hostnam\\*\nx=/etc/host?ame; echo $x \"$x\"\necho /no*pe /et*/hostname",
    "for f in /etc/hostnam* /nope*; do echo $f; done",
    "echo (h*)/etc/hostnam? (host)/etc/host*e /etc/hostnam*/x",
    "regexp --set 1:foo '(b.*)' abcd; echo $? $foo\nregexp x y; echo $?\nregexp 'a(' x; echo $?",
    "regexp --set 0:a --set 2:b '(a)(b+)' xxabbc; echo $? [$a] [$b]\nregexp -s c '^/([^/]+)' /q/r; echo $c",
    "regexp '^[[:digit:]a-c]{2,3}$' 1b; echo $?\nregexp '^(x|yz)*$' xyzx; echo $?\nregexp 'a.c' abc; echo $?",
    "regexp -s 1:d '^(.*)/[^/]*$' /boot/grub/x.iso; echo $d\nregexp 'a?b+$' aabb; echo $?",
    "search --file /etc/passwd --set=dd; echo $? $dd\nsearch -f /nope -s r2; echo $? $r2\nsearch x; echo $?",
    "search --file; echo $?\nsearch.file /etc/passwd v; echo $? $v\nsearch --set -f /etc/passwd; echo $root",
    "source; echo $?\nconfigfile; echo $?\nload_env -f; echo $?",
    "root='(hd0,1)'; echo $root\nset root=(x; echo $root\nset root=host; echo $root",
    'unset a b; a=1; b=2; unset a b; echo [$a][$b]; unset; echo $?\nexport q; echo "[$q]"; export; echo $?',
    "break; echo $?\ncontinue 3; echo $?\nbreak 0; echo $?\nbreak x; echo $?\nshift; echo $?\nreturn; echo $?",
    'echo $"hello $x \\" \\\\ \\$x w"\nx=1\necho $"<$x>" a$"b"c',
    'echo "\\a\\$\\"\\\\" \\a\\$\\"\\\\ \'\\a\\$\\"\'',
    "x='*'; echo \"$x\" '*' \\* [*]\ny='\\*'; echo $y \"$y\"\nz='a\\b'; echo $z \"$z\"",
    "echo if then else fi for do done while until function in case esac select elif",
    "if=1; echo $if\nfor for in in; do echo $for; done",
    "f() { echo a; }\necho b",
    "echo a;echo b\necho c;",
    "if true\nthen\n\n echo a\n\nfi\nfor x in a b\ndo\n echo $x\ndone",
    "if false; then echo a; elif false; then echo b; elif true; then echo c; else echo d; fi",
    "if true; false; then echo a; else echo b; fi; echo $?\nif false; true; then echo c; fi",
    "while false; do echo x; done; echo $?\nfor x in; do echo $x; done; echo $?\nfor x in $none; do echo; done",
    "default=1\nmenuentry A --id a { echo $default $chosen; exit; }",
    'submenu "S>T" { menuentry "U>V" { echo "$chosen"; exit; } }',
    "x=1\r\necho a$x\r\nif true; then\r\necho b\r\nfi\r",
    "echo \u00e4\u00f6 '\u20ac'",
    "  \t echo   a\t\tb  ",
    "echo a;;\necho b",
    "function function { echo a; }\necho c",
    "function f\n{\necho a\n}\nf",
    "function f { echo 1; }\nfunction f { echo 2; }\nf",
    "function echo { echo no; }\necho yes",
    "function set { echo no; }\nset x=1; echo $x",
    'a=$@; echo "[$a]$#$*"\necho [ "$*" ] [ $1 ]',
    'function f { echo "${1}0" $10 ${2} $12; }\nf a b',
    "function r { if [ $1 != xxxx ]; then r x$1; fi; echo $1; }\nr x",
    "function f { x=in; local=1; }\nx=out; f; echo $x $local",
    'x=; echo "$x" $x[]\ny="a\nb"; echo $y; echo "$y"',
)
