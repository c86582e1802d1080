"""Whether a sheet keeps within its money; pure."""

from decimal import Decimal

from incentives.rules.contributions import IncentiveRefused


def check_budget(total: Decimal, budget: Decimal) -> None:
    """Raises IncentiveRefused with how much is missing."""
    if total > budget:
        over = total - budget
        raise IncentiveRefused(
            f"合计 {total} 元，超过可用额度 {budget} 元，差 {over} 元。请增加额度或先改政策，再出表。"
        )
