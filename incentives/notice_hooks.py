"""What a subject does when its public notice has ended: a registry by kind. Leaf."""

from collections.abc import Callable
from datetime import date

from incentives.rules.public_notices import NoticeSubject

# (subject_id, cleared, on): cleared is False when an objection was upheld.
Hook = Callable[[int, bool, date], None]
HOOKS: dict[NoticeSubject, Hook] = {}


def notice_hook(kind: NoticeSubject) -> Callable[[Hook], Hook]:
    """Register what follows for that kind; it runs inside the transaction that ends the notice."""

    def register(hook: Hook) -> Hook:
        HOOKS[kind] = hook
        return hook

    return register


def tell_subject(kind: str, subject_id: int, *, cleared: bool, on: date) -> None:
    hook = HOOKS.get(NoticeSubject(kind))
    if hook is not None:
        hook(subject_id, cleared, on)
