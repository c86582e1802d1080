"""What this app keeps sealed: the secrets that phones share with the portal."""

from branches.sealed_columns import SealedColumn, SealedRows
from factors.models import Authenticator

PURPOSE = "second factor"

AUTHENTICATORS = SealedRows(
    "authenticators", "验证器密钥", "个", Authenticator, (SealedColumn("secret_sealed", PURPOSE),)
)

ROWS = (AUTHENTICATORS,)
