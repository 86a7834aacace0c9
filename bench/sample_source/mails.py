"""Thirty mails to and from the shop, May to July 2026, as people write them."""

# ruff: noqa: E501
from __future__ import annotations

from sample_source.mail import Mail
from sample_source.mails_june import june_delivery, june_other
from sample_source.trade import order_of


def mails() -> list[Mail]:
    """All mails by date."""
    return [*_may(), *june_delivery(), *june_other(), *_july()]


def _may() -> list[Mail]:
    return [
        Mail(
            file="2026-05-05-mug-glaze.eml",
            date="Tue, 05 May 2026 18:22:41 +0530",
            sender="Joseph Fernandes",
            address="jo.fernandes@example.com",
            subject="Glaze is coming off",
            text="""\
Hello,

after a week of morning coffee the glaze inside one Monsoon Stoneware Mug has started to flake. I can feel the grit with
my finger. I do not want to drink that. The other one is fine so far but looks thin at the rim. Poor work for a mug of
that price, I am sorry to say. I would like to send both back.

Joseph Fernandes
Panaji
""",
        ),
        Mail(
            file="2026-05-08-gift-card-question.eml",
            date="Fri, 08 May 2026 11:03:10 +0530",
            sender="Elena D'Souza",
            address="elena.dsouza@example.com",
            subject="Gift card by mail?",
            text="""\
Hi, my sister's wedding is on Sunday. Can I buy a gift card for 2,000 rupees tonight and have it sent straight to her
e-mail address instead of mine?

Elena
""",
        ),
        Mail(
            file="2026-05-12-brass-supplier.eml",
            date="Tue, 12 May 2026 09:40:00 +0530",
            sender="Perumal Brass Works",
            address="accounts@perumalbrass.example",
            subject="Our invoice 311 is overdue",
            text="""\
Dear Revathi,

our invoice 311 for forty filter sets was due on 2 May and we have not seen the money. The next batch stays here until
it is settled. Please look into it today.

Perumal
Perumal Brass Works, Kumbakonam
""",
        ),
        Mail(
            file="2026-05-19-mat-not-here.eml",
            date="Tue, 19 May 2026 20:15:33 +0530",
            sender="Kabir Sethi",
            address="kabir.sethi@example.net",
            subject="Welcome mat - two weeks and counting",
            text=f"""\
Dear Neem Lane,

I ordered the Coir Welcome Mat on 6 May ({order_of("kabir.sethi@example.net", "2026-05-06")}). Your site said four to seven
working days. Nothing has come and the courier's site still says "label created". This is slower than the post of my
childhood. Where is it?

Kabir Sethi
""",
        ),
        Mail(
            file="2026-05-23-napkin-praise.eml",
            date="Sat, 23 May 2026 16:48:02 +0530",
            sender="Nandini Sharma",
            address="nandini.sharma@example.com",
            subject="Beautiful napkins",
            encoding="quoted-printable",
            text="""\
Just a line to say that everyone at our lunch asked where the table linen was from. Such fine stitching \u2013 worth
every rupee. Thank you!

Nandini
""",
        ),
        Mail(
            file="2026-05-26-spice-box-late.eml",
            date="Tue, 26 May 2026 08:05:59 +0530",
            sender="Lakshmi Subramanian",
            address="lakshmi.s@example.com",
            subject="Still no spice box",
            text="""\
I live twenty minutes from your shop and have been waiting twelve days for a parcel. I could have walked there and back
many times. The courier telephoned once, said he could not find the street, and never came again. Kindly sort out your
delivery.

Lakshmi Subramanian
""",
        ),
        Mail(
            file="2026-05-28-hours-question.eml",
            date="Thu, 28 May 2026 13:30:12 +0530",
            sender="Gopal Krishnan",
            address="gopal.krishnan@example.net",
            subject="Open on Sunday evening?",
            text="""\
Good afternoon, are you open on Sundays until eight, or do you close earlier? I would come by with my mother to look at
the lamps.

Gopal Krishnan
""",
        ),
    ]


def _july() -> list[Mail]:
    return [
        Mail(
            file="2026-07-03-priya-refund.eml",
            date="Fri, 03 Jul 2026 12:44:05 +0530",
            sender="Priya Chandran",
            address="priya.chandran@example.net",
            subject="Refund still not in my account",
            text=f"""\
You took back the board from {order_of("priya.chandran@example.net", "2026-06-18")} and wrote that the 980 rupees would be
with me in a day, since I paid by UPI. It has been a week. Kindly check what happened to my money.

Priya Chandran
""",
        ),
        Mail(
            file="2026-07-06-nikhil-late.eml",
            date="Mon, 06 Jul 2026 18:08:18 +0530",
            sender="Nikhil Rao",
            address="nikhil.rao@example.org",
            subject="Bird feeder overdue",
            text="""\
Seven working days, your page says. It has been eight and the tracking number does not even work. The sparrows and I are
losing patience with your courier.

Nikhil Rao
""",
        ),
        Mail(
            file="2026-07-09-sanjay-warranty.eml",
            date="Thu, 09 Jul 2026 13:13:13 +0530",
            sender="Sanjay Kulkarni",
            address="sanjay.k@example.net",
            subject="How long is the warranty on lamps?",
            text="""\
Before I buy the pendant light for our office: how long is it under warranty, and do you repair it in Chennai or do I
have to send it away?

Sanjay Kulkarni
""",
        ),
    ]
