"""The columns of a roster, in the order of the template, and the words offices use for them."""

from enum import StrEnum

from branches.rules.people import MemberStatus
from ledgers.sheets.cells import SheetColumn


class Key(StrEnum):
    """The columns; the values are their keys in the table and the rows."""

    CODE = "code"
    NAME = "name"
    ID_NUMBER = "id_number"
    BIRTH_ON = "birth_on"
    ORGANISATION = "organisation"
    STATUS = "status"
    JOINED_ON = "joined_on"
    CONVERTED_ON = "converted_on"
    SINCE = "since"
    HOME_DEPARTMENT = "home_department"
    ASSIGNED = "assigned"


SHEET = "党员名册"
HELP_SHEET = "填写说明"
TITLES = {
    Key.CODE: "名册编号",
    Key.NAME: "姓名",
    Key.ID_NUMBER: "身份证号",
    Key.BIRTH_ON: "出生日期",
    Key.ORGANISATION: "所在党支部",
    Key.STATUS: "人员类别",
    Key.JOINED_ON: "入党日期",
    Key.CONVERTED_ON: "转正日期",
    Key.SINCE: "编入本支部日期",
    Key.HOME_DEPARTMENT: "所在部门",
    Key.ASSIGNED: "抽调",
}
_SYNONYMS: dict[Key, tuple[str, ...]] = {
    Key.CODE: ("编号", "党员编号", "人员编号", "名册号", "党员序号"),
    Key.NAME: ("党员姓名", "人员姓名", "名字"),
    Key.ID_NUMBER: ("公民身份号码", "公民身份证号", "身份证", "身份证号码", "居民身份证号", "证件号码"),
    Key.BIRTH_ON: ("出生年月", "出生年月日", "生日", "出生时间"),
    Key.ORGANISATION: (
        "党支部",
        "支部",
        "支部名称",
        "党支部名称",
        "所在支部",
        "所属支部",
        "所属党支部",
        "党组织名称",
        "所在党组织",
        "所属党组织",
        "组织名称",
        "支部编号",
    ),
    Key.STATUS: ("人员类型", "党员类别", "党员类型", "类别", "身份", "党员身份", "政治面貌"),
    Key.JOINED_ON: (
        "加入党组织日期",
        "加入党组织时间",
        "入党时间",
        "入党年月",
        "加入中国共产党日期",
        "接收为预备党员日期",
    ),
    Key.CONVERTED_ON: ("转为正式党员日期", "转为正式党员时间", "转正时间", "成为正式党员日期"),
    Key.SINCE: (
        "编入支部日期",
        "编入时间",
        "编入本支部时间",
        "进入支部日期",
        "进入党支部日期",
        "转入日期",
        "转入本支部日期",
    ),
    Key.HOME_DEPARTMENT: ("部门", "单位", "工作单位", "所在单位", "工作部门", "单位及部门", "工作单位及部门"),
    Key.ASSIGNED: ("是否抽调", "抽调人员", "抽调情况"),
}
STATUS_LABELS: dict[str, MemberStatus] = {
    "正式党员": MemberStatus.FULL,
    "预备党员": MemberStatus.PROBATIONARY,
    "发展对象": MemberStatus.DEVELOPMENT_TARGET,
    "入党积极分子": MemberStatus.ACTIVIST,
    "入党申请人": MemberStatus.APPLICANT,
}
# Other words for the same, which are read and not written.
STATUS_WORDS: dict[str, MemberStatus] = {
    **STATUS_LABELS,
    "正式": MemberStatus.FULL,
    "中共党员": MemberStatus.FULL,
    "中共正式党员": MemberStatus.FULL,
    "预备": MemberStatus.PROBATIONARY,
    "中共预备党员": MemberStatus.PROBATIONARY,
    "积极分子": MemberStatus.ACTIVIST,
    "申请人": MemberStatus.APPLICANT,
}
MEANINGS = {
    Key.CODE: "系统里的编号。新登记的可以不填，导入时自动编号；已有的按编号对应到人。",
    Key.NAME: "必填。",
    Key.ID_NUMBER: "可以不填。18 位，请把这一列设为文本格式；加密保存，只显示首尾各 4 位。",
    Key.BIRTH_ON: "可以不填；填了身份证号的自动得出。",
    Key.ORGANISATION: "名称或编号。导入到一个支部时可以不填。",
    Key.STATUS: "必填：正式党员、预备党员、发展对象、入党积极分子、入党申请人。",
    Key.JOINED_ON: "支部党员大会接收为预备党员的日期。",
    Key.CONVERTED_ON: "预备党员转为正式党员的日期；由预备变为正式时必填。",
    Key.SINCE: "组织关系编入这个支部的日期；不填按名册日期。",
    Key.HOME_DEPARTMENT: "可以不填。",
    Key.ASSIGNED: "由其他部门抽调来的填“是”，不填为“否”。",
}


def columns(*, one_branch: bool) -> tuple[SheetColumn, ...]:
    """The columns to look for; a roster of one branch need not name it."""
    required = {Key.NAME, Key.STATUS} | (set() if one_branch else {Key.ORGANISATION})
    return tuple(SheetColumn(key, TITLES[key], _SYNONYMS[key], key in required) for key in Key)


def heading(key: Key) -> str:
    """The title in the template, with a star where something must be filled in."""
    starred = key in (Key.NAME, Key.ORGANISATION, Key.STATUS)
    return f"{TITLES[key]}*" if starred else TITLES[key]
