"""What this app keeps sealed: where people's messages go, and what signs them."""

from branches.sealed_columns import SealedColumn, SealedRows
from notices.models import Channel
from notices.senders.targets import PURPOSE

CHANNELS = SealedRows(
    "channels",
    "通知地址",
    "个",
    Channel,
    (
        SealedColumn("target_sealed", PURPOSE, digest="target_digest"),
        SealedColumn("secret_sealed", PURPOSE),
    ),
)

ROWS = (CHANNELS,)
