"""Layouts as a secretary could send them: the product's own, changed in one place."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from docx import Document
from docx.document import Document as Opened

from handlers.papers.layout import template_of

RULES = "2025"
OWN = template_of(RULES)


def changed(change: Callable[[Opened], object]) -> bytes:
    """The product's layout after a change made by python-docx."""
    document = Document(io.BytesIO(OWN))
    change(document)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def with_line(words: str) -> bytes:
    """The product's layout with one more paragraph at its end."""
    return changed(lambda document: document.add_paragraph(words))


def with_lines(*words: str) -> bytes:
    return changed(lambda document: [document.add_paragraph(line) for line in words])


def replaced(old: str, new: str) -> bytes:
    """The product's layout with some of its words replaced, wherever they stand."""
    return with_parts(**{"word/document.xml": lambda xml: xml.replace(old.encode(), new.encode())})


def with_parts(**parts: bytes | Callable[[bytes], bytes]) -> bytes:
    """The product's layout with parts added, or changed by a function, on the level of the zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(OWN)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for name in names:
            change = parts.get(name)
            new.writestr(name, change(old.read(name)) if callable(change) else old.read(name))
        for name, added in parts.items():
            if name not in names and isinstance(added, bytes):
                new.writestr(name, added)
    return made.getvalue()


def with_relation(kind: str, target: str, *, external: bool) -> bytes:
    """The product's layout with one more relation of its document."""
    mode = ' TargetMode="External"' if external else ""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = f'<Relationship Id="rId999" Type="{office}/{kind}" Target="{target}"{mode}/></Relationships>'
    name = "word/_rels/document.xml.rels"
    return with_parts(**{name: lambda xml: xml.replace(b"</Relationships>", relation.encode())})


def field_code(code: str) -> bytes:
    """The product's layout with a field of Word's own, its code cut in two as Word often does."""
    ns = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    half = len(code) // 2
    field = (
        f'<w:p {ns}><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{code[:half]}</w:instrText></w:r><w:r><w:instrText>{code[half:]}</w:instrText></w:r>"
        '<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )
    return with_parts(**{"word/document.xml": lambda xml: xml.replace(b"<w:body>", b"<w:body>" + field.encode())})
