"""Builds ``cluster/sample_business``: the shop that ``ragleap up --demo`` shows, with questions of known answer.

Run ``python bench/make_sample_business.py``; the same bytes come out every time. ``--check`` builds into a temporary
folder and says what would change.
"""

from __future__ import annotations

import argparse
import csv
import filecmp
import io
import json
import sys
import tempfile
import zipfile
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from docx import Document as Word
from fpdf import FPDF

sys.path.insert(0, str(Path(__file__).resolve().parent))

from sample_source import policies, trade
from sample_source.gold import questions
from sample_source.mail import Mail
from sample_source.mails import mails

TARGET = Path(__file__).resolve().parents[1] / "cluster" / "sample_business"
BUILT_ON = datetime(2026, 7, 14, 9, 0, tzinfo=UTC)
MAIL_POLICY = SMTP.clone(max_line_length=200)


def build(folder: Path) -> None:
    """Write every file of the sample business but its README into ``folder``."""
    for name in ("policies", "data", "mail"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _pdf(folder / "policies" / "shipping.pdf", policies.SHIPPING)
    _pdf(folder / "policies" / "warranty.pdf", policies.WARRANTY)
    _docx(folder / "policies" / "returns.docx", policies.RETURNS)
    _docx(folder / "policies" / "gift-cards.docx", policies.GIFT_CARDS)
    for name, text in policies.MARKDOWN.items():
        _write(folder / "policies" / name, text.encode())
    _tables(folder / "data")
    for mail in mails():
        _write(folder / "mail" / mail.file, _eml(mail))
    _write(folder / "questions.json", (json.dumps(questions(), indent=2, ensure_ascii=False) + "\n").encode())


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _tables(folder: Path) -> None:
    _csv(
        folder / "products.csv",
        ["sku", "name", "category", "price", "stock", "description"],
        [list(p) for p in trade.PRODUCTS],
    )
    _csv(
        folder / "customers.csv",
        ["customer_id", "name", "email", "city", "customer_since"],
        [[f"C{n:03d}", *c] for n, c in enumerate(trade.CUSTOMERS, 1)],
    )
    _csv(
        folder / "orders.csv",
        ["order_id", "order_date", "customer_email", "city", "product", "quantity", "total", "status"],
        [[x.order_id, x.day, x.email, x.city, x.product, x.quantity, x.total, x.status] for x in trade.order_lines()],
    )


def _csv(path: Path, header: list[str], rows: list[list[object]]) -> None:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(header)
    out.writerows(rows)
    _write(path, text.getvalue().encode())


def _pdf(path: Path, document: policies.Document) -> None:
    title, sections = document
    pdf = FPDF(format="A4")
    pdf.set_creation_date(BUILT_ON)
    pdf.set_title(title)
    pdf.set_author(trade.SHOP)
    pdf.add_page()
    pdf.set_font("helvetica", "B", 20)
    pdf.multi_cell(0, 10, title, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("helvetica", "", 10)
    pdf.multi_cell(0, 6, f"{trade.SHOP}, Chennai. In force from 1 January 2026.", new_x="LMARGIN", new_y="NEXT")
    for heading, paragraphs in sections:
        pdf.ln(4)
        pdf.set_font("helvetica", "B", 13)
        pdf.multi_cell(0, 8, heading, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", "", 11)
        for paragraph in paragraphs:
            pdf.multi_cell(0, 6, paragraph, new_x="LMARGIN", new_y="NEXT")
            pdf.ln(2)
    _write(path, bytes(pdf.output()))


def _docx(path: Path, document: policies.Document) -> None:
    title, sections = document
    word = Word()
    about = word.core_properties
    about.title, about.author, about.last_modified_by, about.comments = title, trade.SHOP, trade.SHOP, ""
    about.created = about.modified = BUILT_ON.replace(tzinfo=None)
    word.add_heading(title, level=0)
    for heading, paragraphs in sections:
        word.add_heading(heading, level=1)
        for paragraph in paragraphs:
            word.add_paragraph(paragraph)
    raw, fixed = io.BytesIO(), io.BytesIO()
    word.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():  # the same parts with one date, so that the file's bytes do not depend on today
            entry = zipfile.ZipInfo(item.filename, BUILT_ON.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(item))
    _write(path, fixed.getvalue())


def _message_id(file: str) -> str:
    return f"<{Path(file).stem}@mail.neemlane.example>"


def _eml(mail: Mail) -> bytes:
    user, _, domain = mail.address.partition("@")
    message = EmailMessage(policy=MAIL_POLICY)
    message["Date"] = mail.date
    message["From"] = Address(mail.sender, user, domain)
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Message-ID"] = _message_id(mail.file)
    if mail.reply_to:
        message["In-Reply-To"] = _message_id(mail.reply_to)
        message["References"] = _message_id(mail.reply_to)
    message.set_content(mail.text, cte=mail.encoding)
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
        message.set_boundary(f"=_{Path(mail.file).stem}")
    return message.as_bytes()


def check() -> list[str]:
    """Paths that a fresh build would change."""
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        build(fresh)
        names = sorted(p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file())
        return [
            str(n) for n in names if not (TARGET / n).is_file() or not filecmp.cmp(fresh / n, TARGET / n, shallow=False)
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 if a build would")
    if parser.parse_args().check:
        changed = check()
        sys.stdout.write("".join(f"would change: {name}\n" for name in changed) or "all files are as built\n")
        return 1 if changed else 0
    build(TARGET)
    sys.stdout.write(f"wrote {TARGET}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
