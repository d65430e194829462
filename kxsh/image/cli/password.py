"""`kximage password`: the hash of a password, for the loader's settings and for scripts."""

from __future__ import annotations

import argparse
import getpass
import sys

from kxsh.image.tools import ImageError
from kxsh.machine import passwords

HELP = """\
Show the scrypt hash of a password, which is asked for twice. When the input is no
terminal it is one line, or two that have to be the same. It goes into a loader or a script:

  kximage loader --recovery password --password HASH
  lock password 'HASH'                         in boot.kxs, with single quotes

Hashes of `mkpasswd` (crypt(5)) and of `grub-mkpasswd-pbkdf2` do as well. Choose one that
is typed the same way on every keyboard: letters without y and z, digits."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options: there are none."""


def run(arguments: argparse.Namespace) -> int:
    """Ask for the password and print its hash."""
    if sys.stdin.isatty():
        try:
            password = getpass.getpass("Password: ")
            again = getpass.getpass("Once more: ")
        except EOFError:
            raise ImageError("no password was given") from None
    else:
        password = sys.stdin.readline().rstrip("\r\n")
        more = sys.stdin.readline()
        again = more.rstrip("\r\n") if more else password
    if password != again:
        raise ImageError("the two passwords are not the same")
    print(passwords.make(password))
    return 0
