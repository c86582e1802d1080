"""Word templates. No Django: the child imports it."""

import re
from io import BytesIO
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docx.opc.part import Part
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from papers.filling.syntax import PLACEHOLDER, Filling, TemplateRefused, list_of, names_in, words

_ROW = re.compile(r"<w:tr[ >](?:(?!<w:tr[ >]).)*?</w:tr>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]+>")
_PARAGRAPH_END = re.compile(r"</w:p>")
_OUTSIDE = ("attachedTemplate", "oleObject", "frame", "subDocument", "externalLink")
BROKEN = "文件里的内容有损坏，没有读出来。请在 Word 或 WPS 中打开，另存为新的 .docx 文件后再上传。"


class OfficeForm(DocxTemplate):  # type: ignore[misc]  # the library has no types
    """A template whose table rows repeat by themselves where they name the columns of a list."""

    def patch_xml(self, src_xml: str) -> str:
        # The library joins what Word split into runs; only then a placeholder can be seen.
        return _ROW.sub(_repeated, super().patch_xml(src_xml))


def _repeated(found: re.Match[str]) -> str:
    row = found.group()
    name = list_of(match.group(1) for match in PLACEHOLDER.finditer(row))
    if not name:
        return row
    inner = PLACEHOLDER.sub(lambda match: _of_row(match, name), row)
    return f"{{% for {name}_row in {name} %}}{inner}{{% endfor %}}"


def _of_row(match: re.Match[str], name: str) -> str:
    return "{{ " + re.sub(rf"^{re.escape(name)}\.", f"{name}_row.", match.group(1)) + " }}"


def word_names(content: bytes) -> list[str]:
    """The names a Word template asks for, in its order. Raises TemplateRefused."""
    form = _opened(content)
    parts = [form.get_xml(), *(xml for uri in _ends(form) for _, xml in _parts(form, uri))]
    return [name for xml in parts for name in _names(form, xml)]


def fill_word(content: bytes, filling: Filling) -> bytes:
    """The document, filled. Raises TemplateRefused."""
    form = _opened(content)
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    form.render(_context(word_names(content), filling), jinja_env=environment, autoescape=True)
    target = BytesIO()
    form.save(target)
    return target.getvalue()


def _opened(content: bytes) -> OfficeForm:
    form = OfficeForm(BytesIO(content))
    try:
        form.init_docx()
    except (PackageNotFoundError, KeyError, ValueError) as problem:
        raise TemplateRefused(BROKEN) from problem
    _refuse_outside(form)
    return form


def _refuse_outside(form: OfficeForm) -> None:
    """A form that fetches something when it is opened would tell a stranger who opened it."""
    for part in form.docx.part.package.iter_parts():
        for link in part.rels.values():
            if link.is_external and any(word in link.reltype for word in _OUTSIDE):
                raise TemplateRefused(
                    "文件链接了外部的模板或对象。请断开链接，另存为新的 .docx 文件后再上传。"
                )


def _ends(form: OfficeForm) -> tuple[str, str]:
    return form.HEADER_URI, form.FOOTER_URI


def _parts(form: OfficeForm, uri: str) -> list[tuple[str, str]]:
    found: list[tuple[str, Part]] = list(form.get_headers_footers(uri))
    return [(key, form.get_part_xml(part)) for key, part in found]


def _names(form: OfficeForm, xml: str) -> list[str]:
    """Asked paragraph by paragraph, so that a sentence about a mistake can quote it."""
    joined: str = DocxTemplate.patch_xml(form, xml)
    found: list[str] = []
    for row in _ROW.findall(joined):
        list_of(names_in(_MARKUP.sub("", row)))
    outside = _ROW.sub("", joined)
    for paragraph in _PARAGRAPH_END.split(joined):
        found += names_in(_MARKUP.sub("", paragraph))
    for paragraph in _PARAGRAPH_END.split(outside):
        if name := next((name for name in names_in(_MARKUP.sub("", paragraph)) if "." in name), ""):
            raise TemplateRefused(f"“{{{{ {name} }}}}”要写在表格的一行里，那一行会按列表逐行重复。")
    return found


def _context(names: list[str], filling: Filling) -> dict[str, Any]:
    singles = {name: words(filling.values.get(name)) for name in names if "." not in name}
    columns: dict[str, set[str]] = {}
    for first, dot, column in (name.partition(".") for name in names):
        if dot:
            columns.setdefault(first, set()).add(column)
    rows = {
        name: [{key: words(row.get(key)) for key in keys} for row in filling.lists.get(name) or [{}]]
        for name, keys in columns.items()
    }
    return singles | rows
