"""Passwords against their hashes: crypt(3)'s, and those of GRUB's grub-mkpasswd-pbkdf2.

The system's libcrypt makes and checks the former (crypt(5)): scrypt is ``$7$``. Python's
own scrypt stands on OpenSSL, which the loader does without.
"""

from __future__ import annotations

import ctypes
import hmac
import os

from kxsh.errors import FormatFailure, IoFailure

# crypt(5): yescrypt, scrypt, SHA-512, SHA-256, bcrypt, and GRUB legacy's MD5.
_METHODS = ("$y$", "$gy$", "$7$", "$6$", "$5$", "$2b$", "$2y$", "$1$")
_PBKDF2 = "grub.pbkdf2.sha512."
# scrypt's N as crypt(5) counts it: 2^14 with r=32 takes 64 MiB; 2^12 takes 16 MiB.
_SCRYPT_COST = 6
_LONGEST = 512  # of crypt(3); it refuses more itself
# What no person waits for: GRUB's own tool makes 10,000.
_MOST_ROUNDS = 1_000_000
_BLOCK = 64  # SHA-512's result; GRUB's hashes are one block long


def matches(password: str, secret: str) -> bool:
    """Tell whether a password is what `secret` was made from.

    `secret` is a hash, or the password itself (`plain`). What cannot be checked does not
    match.
    """
    given = password.encode("utf-8", "surrogateescape")
    if not given or len(given) > _LONGEST or b"\0" in given:
        return False
    if secret.startswith(_PBKDF2):
        return _matches_pbkdf2(given, secret)
    if not secret.startswith("$"):
        return bool(secret) and hmac.compare_digest(given, secret.encode("utf-8", "replace"))
    if not secret.startswith(_METHODS) or not secret.isascii():
        return False
    made = _crypt(given, secret.encode("ascii"))
    return made.startswith(b"$") and hmac.compare_digest(made, secret.encode("ascii"))


def is_hash(text: str) -> bool:
    """Tell whether `text` is a hash that `matches` can check, and not a password itself."""
    if text.startswith(_PBKDF2):
        return _pbkdf2_parts(text) is not None
    return text.startswith(_METHODS) and text.count("$") >= 3 and text.isascii()


def make(password: str) -> str:
    """Return the scrypt hash of a password. Raises `FormatFailure` for one that is empty,
    too long or of several lines."""
    given = password.encode("utf-8", "surrogateescape")
    if not given or len(given) > _LONGEST or set(given) & set(b"\0\r\n"):
        raise FormatFailure(f"a password is one line of 1 to {_LONGEST} bytes")
    salt = os.urandom(16)
    library = _library()
    library.crypt_gensalt.restype = ctypes.c_char_p
    setting = library.crypt_gensalt(b"$7$", ctypes.c_ulong(_SCRYPT_COST), salt, len(salt))
    made = _crypt(given, setting or b"*")
    if not made.startswith(b"$7$"):
        raise IoFailure("this libcrypt cannot make a scrypt hash")
    return made.decode("ascii")


def _crypt(password: bytes, setting: bytes) -> bytes:
    """Return what crypt(3) makes; it begins with ``*`` where it refuses."""
    library = _library()
    library.crypt.restype = ctypes.c_char_p
    made: bytes | None = library.crypt(password, setting)
    return made or b"*"


def _library() -> ctypes.CDLL:
    try:
        return ctypes.CDLL("libcrypt.so.1")
    except OSError as error:
        raise IoFailure("libcrypt.so.1 is missing, so no password can be checked") from error


def _matches_pbkdf2(password: bytes, secret: str) -> bool:
    parts = _pbkdf2_parts(secret)
    if parts is None:
        return False
    rounds, salt, wanted = parts
    return hmac.compare_digest(pbkdf2_sha512(password, salt, rounds), wanted)


def _pbkdf2_parts(text: str) -> tuple[int, bytes, bytes] | None:
    """Return rounds, salt and hash of ``grub.pbkdf2.sha512.ROUNDS.SALT.HASH``, or None."""
    try:
        count, salt, wanted = text.removeprefix(_PBKDF2).split(".")
        rounds, parts = int(count), (bytes.fromhex(salt), bytes.fromhex(wanted))
    except ValueError:
        return None
    if not 0 < rounds <= _MOST_ROUNDS or len(parts[1]) != _BLOCK:
        return None
    return rounds, *parts


def pbkdf2_sha512(password: bytes, salt: bytes, rounds: int) -> bytes:
    """Return the first block of PBKDF2-HMAC-SHA-512 (RFC 8018, section 5.2).

    Python's own needs OpenSSL from 3.12 on.
    """
    keyed = hmac.new(password, digestmod="sha512")

    def step(data: bytes) -> bytes:
        one = keyed.copy()
        one.update(data)
        return one.digest()

    last = step(salt + b"\0\0\0\1")
    whole = int.from_bytes(last, "big")
    for _ in range(rounds - 1):
        last = step(last)
        whole ^= int.from_bytes(last, "big")
    return whole.to_bytes(_BLOCK, "big")
