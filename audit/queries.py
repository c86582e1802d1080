"""Reads the audit log back and looks for the first place where the chain is broken."""

from dataclasses import dataclass

from audit.models import AuditEvent, AuditSeal, ChainHead
from audit.rules import EMPTY_HASH, chained_hash


@dataclass(frozen=True)
class Verdict:
    """Outcome of a check: `broken` is empty when the chain is whole."""

    sealed: int
    unsealed: int
    head: str
    broken: str = ""


def verify_chain(expected_head: str = "") -> Verdict:
    """Walk the whole chain in order and return what was found.

    `expected_head` is a seal noted down earlier: it must still be in the chain, which finds
    the one thing a chain cannot show by itself, an end that was cut off and rewritten.
    """
    position, last, seen = 0, EMPTY_HASH, not expected_head
    for seal in AuditSeal.objects.select_related("event").order_by("position").iterator(chunk_size=1000):
        if fault := _fault(seal, position, last):
            return _verdict(position, last, fault)
        position, last = seal.position, seal.hash
        seen = seen or last == expected_head
    return _verdict(
        position, last, _head_fault(position, last) or ("" if seen else "链上找不到给出的封存值。")
    )


def _fault(seal: AuditSeal, position: int, last: str) -> str:
    if seal.position != position + 1:
        return f"第 {position + 1} 条封存或它的审计记录缺失。"
    if seal.previous != last:
        return f"第 {seal.position} 条封存与前一条接不上。"
    if seal.hash != chained_hash(seal.position, last, seal.event.spelled()):
        return f"第 {seal.position} 条封存与审计记录 {seal.event_id} 的内容不符。"
    return ""


def _head_fault(position: int, last: str) -> str:
    head = ChainHead.objects.filter(pk=1).first() or ChainHead()
    if head.position > position:
        return f"第 {position + 1} 条封存或它的审计记录缺失。"
    return "" if (head.position, head.hash) == (position, last) else "链尾与最后一条封存不符。"


def _verdict(position: int, last: str, broken: str) -> Verdict:
    return Verdict(position, AuditEvent.objects.unsealed().count(), last, broken)
