"""Workbooks that are whole and still cannot be taken as they are."""

from tests.ledgers.sheets.books import Book, Raw, Sheet, book_of, error, formula, number
from tests.ledgers.sheets.hostile import Hostile
from tests.ledgers.sheets.roster import HEADING, PERSON

NAME, ID_NUMBER, BORN, JOINED = PERSON
WRITE = "请写成 1990-02-03 这样的日期。"
CHECK = "请核对后写成 1990-02-03 这样的日期。"
PASTE = "这是公式，不是填好的内容。请复制后用“选择性粘贴 → 数值”粘贴回来，再上传。"
AS_TEXT = "请先把这一列的单元格格式设为“文本”，再重新填写完整的号码。"


def person(**changed: object) -> tuple[object, ...]:
    given = {"name": NAME, "id_number": ID_NUMBER, "born": BORN, "joined": JOINED, **changed}
    return tuple(given.values())


def roster(*rows: object, **details: object) -> bytes:
    return book_of(HEADING, *rows, **details)  # type: ignore[arg-type]  # rows of values


def people(count: int) -> bytes:
    return roster(*(PERSON for _ in range(count)))


TABLES = (
    Hostile(
        "empty workbook", book_of, "文件里的工作表都是空的。请核对是不是选错了文件，或填好保存后再上传。"
    ),
    Hostile(
        "blanks only",
        lambda: book_of(["  ", "\n", "\u200b\ufeff"]),
        "文件里的工作表都是空的。请核对是不是选错了文件，或填好保存后再上传。",
    ),
    Hostile(
        "hidden sheets",
        lambda: Book([Sheet([HEADING, PERSON], name="花名册", state="veryHidden")]).content(),
        "文件里没有可以导入的内容：“花名册”（隐藏的工作表）没有读取。请取消隐藏或核对是不是选错了文件。",
    ),
    Hostile(
        "chart only",
        lambda: Book([Sheet(name="图", kind="chartsheet", xml="<chartsheet/>")]).content(),
        "文件里没有可以导入的内容：“图”（图表，不是表格）没有读取。请取消隐藏或核对是不是选错了文件。",
    ),
    Hostile("5,000 rows", lambda: people(5000), "读到 5000 行。"),
    Hostile(
        "5,001 rows",
        lambda: people(5001),
        "工作表“Sheet1”超过 5000 行。请分成几个文件上传，每个不超过 5000 行。",
    ),
    Hostile(
        "9,000 rows",
        lambda: people(9000),
        "工作表“Sheet1”超过 5000 行。请分成几个文件上传，每个不超过 5000 行。",
    ),
    Hostile(
        "heading in row 11",
        lambda: roster(PERSON, first_row=11),
        "工作表“Sheet1”的表头在第 11 行，要在前 10 行以内。请删去表头上面多余的行。",
    ),
    Hostile(
        "no heading",
        lambda: book_of(["一", "二"], ["三", "四"]),
        "工作表“Sheet1”的前 10 行里没有找到表头"
        "（姓名、身份证号、出生日期、入党时间、人员类别、抽调、电话等列名）。请对照模板补上表头。",
    ),
    Hostile("heading only", roster, "工作表“Sheet1”只有表头，没有内容。请填好后再上传。"),
    Hostile(
        "missing columns",
        lambda: book_of(["身份证号", "入党时间"], ["1", "2"]),
        "工作表“Sheet1”第 1 行的表头里缺少列：“姓名”、“出生日期”。请补上这些列。",
    ),
    Hostile(
        "column twice",
        lambda: book_of(["姓名", "出生日期", "党员姓名*"], ["张三", BORN, "李四"]),
        "工作表“Sheet1”里“姓名”有 2 列：A 列“姓名”、C 列“党员姓名*”。请只保留一列。",
    ),
    Hostile(
        "merged heading over two filled columns",
        lambda: book_of(["姓名", "出生日期"], [NAME, BORN, "1991-01-01"], merged=["B1:C1"]),
        "工作表“Sheet1”的表头“出生日期”合并了 B 到 C 列，分不清是哪一列。请取消合并，让每一列有自己的列名。",
    ),
    Hostile(
        "heading of two rows",
        lambda: book_of(
            ["姓名", "入党", None],
            [None, "时间", "出生日期"],
            [NAME, JOINED, BORN],
            merged=["A1:A2", "B1:C1"],
        ),
        "读到 1 行。",
    ),
    Hostile(
        "formula",
        lambda: roster(person(born=formula("DATE(1990,3,7)", "32939"))),
        f"第 2 行 出生日期“=DATE(1990,3,7)”：{PASTE}",
    ),
    Hostile(
        "formula that calls a program",
        lambda: roster(person(name=formula("cmd|'/C calc'!A0"))),
        f"第 2 行 姓名“=cmd|'/C calc'!A0”：{PASTE}",
    ),
    Hostile(
        "error value",
        lambda: roster(person(born=error("#N/A"))),
        "第 2 行 出生日期“#N/A”：单元格里是错误值。请改成正确的内容，没有内容就清空。",
    ),
    Hostile(
        "id as number",
        lambda: roster(person(id_number=number("1.1010119900307E+17"))),
        f"第 2 行 身份证号“1.1010119900307E+17”：号码存成了数字，15 位以后的数字已经丢失。{AS_TEXT}",
    ),
    Hostile(
        "id as whole number",
        lambda: roster(person(id_number=number("110101199003070011"))),
        f"第 2 行 身份证号“110101199003070011”：号码存成了数字，15 位以后的数字已经丢失。{AS_TEXT}",
    ),
    Hostile(
        "30 February",
        lambda: roster(person(born="1990年2月30日")),
        f"第 2 行 出生日期“1990年2月30日”：1990 年 2 月没有 30 日。{CHECK}",
    ),
    Hostile(
        "month 13",
        lambda: roster(person(born="1990.13.1")),
        f"第 2 行 出生日期“1990.13.1”：没有 13 月。{CHECK}",
    ),
    Hostile(
        "year 0",
        lambda: roster(person(born="0000-01-01")),
        f"第 2 行 出生日期“0000-01-01”：年份 0 不在 1900—2199 之间。{CHECK}",
    ),
    Hostile(
        "no date",
        lambda: roster(person(born="八十年代")),
        f"第 2 行 出生日期“八十年代”：看不懂这个日期。{WRITE}",
    ),
    Hostile(
        "date that became a number",
        lambda: roster(person(born=number("1990.1"))),
        "第 2 行 出生日期“1990.1”：存成了数字，分不清是 1 月还是 10 月。请写成 1990-01 或 1990-10。",
    ),
    Hostile(
        "control characters and lone surrogates",
        lambda: roster(person(name="张_x0000__xD800_三_x001B_[0m\u200b\u202e")),
        "读到 1 行。",
    ),
    Hostile(
        "very long text",
        lambda: roster(person(name="长" * 300_000)),
        f"第 2 行 姓名“{'长' * 40}…”：文字超过 2000 字。请缩短后再上传。",
    ),
    Hostile(
        "text longer than the column",
        lambda: roster(person(name="长" * 31)),
        f"第 2 行 姓名“{'长' * 31}”：有 31 个字，超过 30 字。请缩短后再上传。",
    ),
    Hostile(
        "number that is none",
        lambda: roster(person(born=Raw('<c r="{r}"><v>1e999999999999</v></c>'))),
        f"第 2 行 出生日期“1e999999999999”：看不懂这个日期。{WRITE}",
    ),
)
