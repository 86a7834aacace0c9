"""Both bodies of a mail say the same."""

from __future__ import annotations

from actors.channels.format.mail import mail
from actors.messages import Citation

CITED = Citation(n=1, document_id="d", chunk_id="c", quote="We ship\nabroad.", title="Policy")


def test_the_plain_body_has_links_and_quotes_in_words() -> None:
    bodies = mail("We **ship** abroad [1]: [terms](https://a.example), <https://b.example>\n\n- cups", [CITED])

    assert bodies.plain == (
        "We ship abroad [1]: terms <https://a.example>, https://b.example\n\n• cups\n\n[1] Policy: “We ship abroad.”"
    )


def test_the_html_body_is_a_document_that_finds_its_direction_by_itself() -> None:
    html = mail("שלום **לך**", []).html

    assert html.startswith("<!doctype html>")
    assert '<meta charset="utf-8">' in html
    assert '<body dir="auto">\n<p>שלום <strong>לך</strong></p>' in html
    assert html.endswith("</body></html>\n")


def test_a_mail_without_citations_has_no_list_of_them() -> None:
    assert mail("Yes.").plain == "Yes."
    assert "sources" not in mail("Yes.").html
