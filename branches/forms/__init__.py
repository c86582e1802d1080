"""Input in, clean data out; every form calls one action."""
