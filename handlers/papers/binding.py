"""Several Word files bound into one: each begins on a page of its own, with its own headers, styles and numbering.

python-docx reads and writes the files; this moves the body of each behind the one before. What a body refers to
(pictures, headers, footers) goes with it under new names; a style of the same name that looks different is renamed.
"""

from __future__ import annotations

import copy
import io
from collections.abc import Iterable, Sequence
from typing import Any

_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STYLED = ("w:pStyle", "w:rStyle", "w:tblStyle")
_REFERS = ("w:basedOn", "w:next", "w:link")


def bind(files: Sequence[bytes]) -> bytes:
    """One Word file out of several, in their order; a single one stays as it is. Raises ValueError for none."""
    from docx import Document

    if not files:
        raise ValueError("nothing to bind")
    if len(files) == 1:
        return files[0]
    book = Document(io.BytesIO(files[0]))
    for place, file in enumerate(files[1:], 2):
        _append(book, Document(io.BytesIO(file)), place)
    _number_pictures(book)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _append(book: Any, other: Any, place: int) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    _end_section(book)
    renamed = _take_styles(book, other, place)
    numbers = _take_numbering(book, other)
    moved = [copy.deepcopy(element) for element in other.element.body]
    _restart_pages(moved[-1])
    parts: dict[str, str] = {}
    for element in moved:
        _rename_styles(element, renamed)
        for number in element.iter(qn("w:numId")):
            number.set(qn("w:val"), numbers.get(number.get(qn("w:val")), number.get(qn("w:val"))))
        for inside in element.iter():
            for key, target in inside.attrib.items():
                if str(key).startswith(_R):
                    inside.set(key, _take_part(book, other, str(target), parts, place, renamed))
    body = book.element.body
    for element in moved:
        body.append(element)
    if moved[-1].tag != qn("w:sectPr"):
        body.append(OxmlElement("w:sectPr"))


def _end_section(book: Any) -> None:
    """What is there so far becomes a section of its own: its page, headers and footers stay with it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    body = book.element.body
    section = body[-1]
    last = OxmlElement("w:p")
    properties = last.get_or_add_pPr()
    spacing = OxmlElement("w:spacing")  # a line that takes no room: it must not open a page of its own
    for name, value in (("before", "0"), ("after", "0"), ("line", "20"), ("lineRule", "exact")):
        spacing.set(qn(f"w:{name}"), value)
    properties.append(spacing)
    body.remove(section)
    properties.append(section)
    body.append(last)


def _restart_pages(section: Any) -> None:
    """The next form begins on a new page, and counts its pages from one."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    if section.tag != qn("w:sectPr"):
        return
    for kind in section.findall(qn("w:type")):
        kind.set(qn("w:val"), "nextPage")
    numbers = section.find(qn("w:pgNumType"))
    if numbers is None:
        numbers = OxmlElement("w:pgNumType")
        columns = section.find(qn("w:cols"))  # which follow in the order that Word keeps
        columns.addprevious(numbers) if columns is not None else section.append(numbers)
    numbers.set(qn("w:start"), "1")


def _take_part(
    book: Any, other: Any, relation: str, taken: dict[str, str], place: int, renamed: dict[str, str]
) -> str:
    """The book's own relation to what the other file relates to; its part gets a name that is free."""
    if relation in taken or relation not in other.part.rels:
        return taken.get(relation, relation)
    found = other.part.rels[relation]
    if found.is_external:
        taken[relation] = book.part.relate_to(found.target_ref, found.reltype, is_external=True)
        return taken[relation]
    _rename_part(found.target_part, place, renamed)
    taken[relation] = book.part.relate_to(found.target_part, found.reltype)
    return taken[relation]


def _rename_part(part: Any, place: int, renamed: dict[str, str]) -> None:
    from docx.opc.packuri import PackURI
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsmap

    mark = f"-y{place}."
    if mark in str(part.partname):
        return
    stem, _, ending = str(part.partname).rpartition(".")
    part.partname = PackURI(f"{stem}{mark}{ending}")
    element = getattr(part, "element", None)
    if element is None and ending == "xml" and f'"{nsmap["w"]}"'.encode() in part.blob:
        element = parse_xml(part.blob)
        _rename_styles(element, renamed)
        part._blob = _xml(element)
    elif element is not None:
        _rename_styles(element, renamed)
    for relation in part.rels.values():
        if not relation.is_external:
            _rename_part(relation.target_part, place, renamed)


def _xml(element: Any) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(element, xml_declaration=True, encoding="UTF-8", standalone=True))


def _take_styles(book: Any, other: Any, place: int) -> dict[str, str]:
    """The other file's styles into the book; returns the new names of those that look different in the two."""
    from docx.oxml.ns import qn

    known = {style.get(qn("w:styleId")): style for style in book.styles.element.iter(qn("w:style"))}
    fresh, renamed = [], {}
    for style in other.styles.element.iter(qn("w:style")):
        name = style.get(qn("w:styleId"))
        if name not in known:
            fresh.append(copy.deepcopy(style))
        elif _xml(known[name]) != _xml(style):
            changed = copy.deepcopy(style)
            renamed[name] = f"{name}Y{place}"
            changed.set(qn("w:styleId"), renamed[name])
            changed.attrib.pop(qn("w:default"), None)
            for title in changed.findall(qn("w:name")):
                title.set(qn("w:val"), f"{title.get(qn('w:val'))} {place}")
            fresh.append(changed)
    for style in fresh:
        for tag in _REFERS:
            for refers in style.findall(qn(tag)):
                refers.set(qn("w:val"), renamed.get(refers.get(qn("w:val")), refers.get(qn("w:val"))))
        book.styles.element.append(style)
    return renamed


def _rename_styles(element: Any, renamed: dict[str, str]) -> None:
    from docx.oxml.ns import qn

    for used in element.iter(*map(qn, _STYLED)):
        used.set(qn("w:val"), renamed.get(used.get(qn("w:val")), used.get(qn("w:val"))))


def _take_numbering(book: Any, other: Any) -> dict[str, str]:
    """The other file's lists into the book, under numbers that are free; returns old to new."""
    from docx.oxml.ns import qn

    theirs = _numbering(other)
    if theirs is None:
        return {}
    ours = book.part.numbering_part.element
    offset = 1 + max(_numbers(ours.iter(qn("w:num"), qn("w:abstractNum"))), default=0)
    moved: dict[str, str] = {}
    first_num = next(ours.iter(qn("w:num")), None)
    for element in map(copy.deepcopy, theirs):
        if element.tag == qn("w:abstractNum"):
            element.set(qn("w:abstractNumId"), str(int(element.get(qn("w:abstractNumId"))) + offset))
            first_num.addprevious(element) if first_num is not None else ours.append(element)
        elif element.tag == qn("w:num"):
            old = element.get(qn("w:numId"))
            moved[old] = str(int(old) + offset)
            element.set(qn("w:numId"), moved[old])
            for of in element.iter(qn("w:abstractNumId")):
                of.set(qn("w:val"), str(int(of.get(qn("w:val"))) + offset))
            ours.append(element)
    return moved


def _numbering(file: Any) -> Any:
    from docx.opc.constants import RELATIONSHIP_TYPE

    found = [rel for rel in file.part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.NUMBERING]
    return found[0].target_part.element if found else None


def _numbers(elements: Iterable[Any]) -> list[int]:
    from docx.oxml.ns import qn

    return [int(e.get(qn("w:numId")) or e.get(qn("w:abstractNumId")) or 0) for e in elements]


def _number_pictures(book: Any) -> None:
    """Every picture a number of its own: Word complains about two of the same."""
    from docx.oxml.ns import qn

    for number, picture in enumerate(book.element.body.iter(qn("wp:docPr")), 1):
        picture.set("id", str(number))
