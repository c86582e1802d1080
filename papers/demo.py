"""One template for the demo: the sample layout of the meetings, as an office might have sent it."""

from branches.demo import DemoTree
from papers.actions import TemplateData, TemplateFile, add_template
from papers.samples import word_sample
from papers.source import find_source


def load(tree: DemoTree) -> None:
    source = find_source("meeting")
    file = TemplateFile("会议记录表.docx", word_sample(source))
    data = TemplateData(source, "会议记录表（统一格式）", "上级党委组织部（演示）")
    add_template(tree.general, data=data, file=file, by=tree.staff)
