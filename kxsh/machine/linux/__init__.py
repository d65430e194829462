"""The real machine: Linux, by its system calls and its sysfs."""

from kxsh.machine.linux.machine import LinuxMachine

__all__ = ["LinuxMachine"]
