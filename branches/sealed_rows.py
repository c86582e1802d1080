"""What this app keeps sealed."""

from branches.models import Member, RosterImport
from branches.sealed import ID_NUMBER, IMPORT
from branches.sealed_columns import SealedColumn, SealedRows

MEMBERS = SealedRows(
    "members",
    "身份证号",
    "个",
    Member,
    (SealedColumn("id_number_sealed", ID_NUMBER, digest="id_number_digest"),),
)
IMPORTS = SealedRows("imports", "名册文件", "份", RosterImport, (SealedColumn("payload", IMPORT),))

ROWS = (MEMBERS, IMPORTS)
