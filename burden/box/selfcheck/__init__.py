"""Looks whether this installation keeps what the anonymous channel promises.

One function a check, listed in `burden.box.selfcheck.run`; each returns what deviates, in words an
administrator can act on, and an empty list where all is well.
"""
