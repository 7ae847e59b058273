"""Become another program that ends when its parent ends: `leash.py PARENT SIGNAL USER PROGRAM ARGUMENT...`.

A program of its own, and not code that runs between fork and exec, because that is unsafe
once the parent has threads. Everything happens before `exec`, so it costs no memory afterwards.
"""

import ctypes
import os
import pwd
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, death_signal, user, program, *arguments = sys.argv[1:]
    if user:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    end_with_parent(int(death_signal))  # last, because changing the user forgets it
    if os.getppid() != int(parent):  # it died before the kernel knew
        sys.exit("handrail: the supervisor ended during a start")
    # A shell's background job ignores Ctrl-C, and so would its children.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(program, [program, *arguments])


def end_with_parent(death_signal: int) -> None:
    """Have the kernel send the signal when the parent dies.

    Only Linux can. Elsewhere the next start ends what was left over.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, death_signal)


if __name__ == "__main__":
    main()
