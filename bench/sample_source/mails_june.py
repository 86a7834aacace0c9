"""The mails of June 2026, the month that the questions ask about."""

# ruff: noqa: E501
from __future__ import annotations

from sample_source.mail import Mail
from sample_source.trade import SHOP, SHOP_ADDRESS, order_of


def june_delivery() -> list[Mail]:
    ananya = order_of("ananya.raghavan@example.com", "2026-05-29")
    devika = order_of("devika@example.org", "2026-06-11")
    return [
        Mail(
            file="2026-06-02-mat-arrived.eml",
            date="Tue, 02 Jun 2026 10:11:12 +0530",
            sender="Kabir Sethi",
            address="kabir.sethi@example.net",
            subject="Re: Welcome mat - two weeks and counting",
            reply_to="2026-05-19-mat-not-here.eml",
            text="""\
It came this morning and it looks lovely at our door. Thank you for chasing the courier, all is well now.

Kabir

> On 19 May 2026, Kabir Sethi wrote:
>> Nothing has come and the courier's site still says "label created". This is slower than the
>> post of my childhood. Where is it?
""",
        ),
        Mail(
            file="2026-06-04-rohan-waiting.eml",
            date="Thu, 04 Jun 2026 22:47:19 +0530",
            sender="Rohan Deshpande",
            address="rohan.d@example.com",
            subject="WHERE IS MY PARCEL",
            text="""\
Paid for express on 25 May. Express!! It is the 4th of June. Your carrier tells me a different story every day and
nobody at your end picks up the phone. What exactly did I pay 240 rupees for?

Rohan
""",
        ),
        Mail(
            file="2026-06-09-ananya-late.eml",
            date="Tue, 09 Jun 2026 09:26:45 +0530",
            sender="Ananya Raghavan",
            address="ananya.raghavan@example.com",
            subject=f"Order {ananya}",
            text=f"""\
Dear team,

my order {ananya} was promised for the 3rd. It turned up last night, six days late, after I had stayed at home for it
on two afternoons. The Copper Watering Can was meant for my father's birthday, which was on the 5th, so he got a
photograph of it instead. I have always liked shopping with you, but please do not promise dates that you cannot keep.

Kind regards
Ananya Raghavan
""",
        ),
        Mail(
            file="2026-06-10-thomas-not-received.eml",
            date="Wed, 10 Jun 2026 19:02:08 +0530",
            sender="Thomas Kurien",
            address="tkurien@example.net",
            subject="Tracking says delivered, but it was not",
            text="""\
Hello,

according to the tracking page my parcel was handed over at 11:40 yesterday and signed for by "Thomas". I was at work,
my wife was at home, nobody rang and nobody signed. The neighbours have nothing either. Somebody has my reading stand
and it is not me. I am quite upset about how the courier handles your parcels.

Thomas Kurien, Kochi
""",
        ),
        Mail(
            file="2026-06-11-reply-to-thomas.eml",
            date="Thu, 11 Jun 2026 10:35:00 +0530",
            sender=SHOP,
            address=SHOP_ADDRESS,
            to="Thomas Kurien <tkurien@example.net>",
            subject="Re: Tracking says delivered, but it was not",
            reply_to="2026-06-10-thomas-not-received.eml",
            text="""\
Dear Mr Kurien,

I am sorry. We have asked the carrier for the signature and the position of the van. If the parcel is not found by
Wednesday we send you another one the same day.

Revathi Anand
Neem Lane Home

> Somebody has my reading stand and it is not me. I am quite upset about how the courier handles
> your parcels.
""",
        ),
        Mail(
            file="2026-06-13-farah-rain.eml",
            date="Sat, 13 Jun 2026 17:55:27 +0530",
            sender="Farah Siddiqui",
            address="FARAH.SIDDIQUI@EXAMPLE.COM",
            subject="Parcel left outside in the rain",
            encoding="quoted-printable",
            text="""\
Hello,

your delivery man put the carton on the pavement in front of our gate and drove off \u2013 in June, in the rain, without
ringing. When I came home it had been standing in a puddle for three hours. We have a watchman, a bell and a covered
porch; how hard can it be? Please tell your courier that this is not how one delivers anything.

Farah Siddiqui
""",
            html="""\
<html><body><p>Hello,</p>
<p>your delivery man put the carton on the pavement in front of our gate and drove off &ndash; in June, in the rain,
<b>without ringing</b>. When I came home it had been standing in a puddle for three hours. We have a watchman, a bell
and a covered porch; how hard can it be? Please tell your courier that this is not how one delivers anything.</p>
<p>Farah Siddiqui</p></body></html>
""",
        ),
        Mail(
            file="2026-06-17-rohan-again.eml",
            date="Wed, 17 Jun 2026 07:12:51 +0530",
            sender="Rohan Deshpande",
            address="rohan.d@example.com",
            subject="Re: WHERE IS MY PARCEL",
            reply_to="2026-06-04-rohan-waiting.eml",
            text="""\
So the filter coffee set finally arrived on Monday. Three weeks for "express". I want those 240 rupees back and I will
not trust your delivery dates again.

R. Deshpande
""",
        ),
        Mail(
            file="2026-06-20-devika-slots.eml",
            date="Sat, 20 Jun 2026 14:20:36 +0530",
            sender="Devika Menon",
            address="devika@example.org",
            subject=f"Re: Your order {devika} is on its way",
            reply_to="2026-06-12-order-confirmation.eml",
            encoding="quoted-printable",
            text=f"""\
On its way, yes, but where to? I agreed on a slot with the carrier for Tuesday, 2 to 4: nobody came. Then Thursday:
nobody came, and they noted "customer not at home" while I was sitting by the window. I lost two half days of work
\u2014 I would not mind if somebody had at least called.

Devika

> From: Neem Lane Home <hello@neemlane.example>
> Your order {devika} has left our workshop. The carrier will telephone to agree on a time slot.
""",
        ),
        Mail(
            file="2026-06-25-ananya-bose-praise.eml",
            date="Thu, 25 Jun 2026 12:00:44 +0530",
            sender="Ananya Bose",
            address="ananya.bose@example.org",
            subject="That was quick",
            text="""\
I had braced myself for a long wait, since the last parcel from another shop took a month. Yours reached Kolkata in four
days, a day early, and the delivery boy even carried it up three floors. No complaints at all. The cushions are already
on the sofa.

Ananya Bose
""",
        ),
    ]


def june_other() -> list[Mail]:
    devika = order_of("devika@example.org", "2026-06-11")
    return [
        Mail(
            file="2026-06-12-order-confirmation.eml",
            date="Fri, 12 Jun 2026 15:00:00 +0530",
            sender=SHOP,
            address=SHOP_ADDRESS,
            to="Devika Menon <devika@example.org>",
            subject=f"Your order {devika} is on its way",
            text=f"""\
Dear Devika Menon,

thank you for shopping with us. Your order {devika} has left our workshop. The carrier will telephone to agree on a time
slot.

1 x Cane Dome Pendant Light    4,100.00
Carriage                         350.00

Neem Lane Home
""",
        ),
        Mail(
            file="2026-06-05-vikram-lamp.eml",
            date="Fri, 05 Jun 2026 21:33:07 +0530",
            sender="Vikram Iyer",
            address="vikram.iyer@example.com",
            subject="Lamp flickers",
            text="""\
Hi,

the Lantern Moth Table Lamp flickers whenever somebody walks across the room, and the switch is so loose that it turns
in its hole. I tried two bulbs. For 3,200 rupees I had expected better workmanship. Warranty, please.

Vikram
""",
        ),
        Mail(
            file="2026-06-15-sunita-towels.eml",
            date="Mon, 15 Jun 2026 11:18:53 +0530",
            sender="Sunita Pillai",
            address="sunita.pillai@example.net",
            subject="Towels shed like a cat",
            text="""\
Four Sea Salt towels, five washes, and still there is grey fluff on everything that I own. Two of them have pulled
threads along the hem already. I do not think that this is the quality that you advertise.

Sunita Pillai
""",
        ),
        Mail(
            file="2026-06-16-meera-charged-twice.eml",
            date="Tue, 16 Jun 2026 09:09:09 +0530",
            sender="Meera Nair",
            address="meera.nair@example.org",
            subject="Charged twice for the same order",
            text=f"""\
Hello, my card statement shows 1,780 rupees to Neem Lane two times on 13 June. I placed one order
({order_of("meera.nair@example.org", "2026-06-13")}). Please take back the second charge, it is more than a little annoying.

Meera Nair
""",
        ),
        Mail(
            file="2026-06-18-arjun-invoice.eml",
            date="Thu, 18 Jun 2026 17:41:30 +0530",
            sender="Arjun Verma",
            address="arjun.verma@example.com",
            subject="Wrong invoice, second request",
            text="""\
I asked last week for an invoice in the name of our company with the GST number. What I got is made out to "Verma" and
adds up to 6,750 although I paid 6,400. My accountant refuses it. Why does it take two mails to get a correct bill?

Arjun Verma
Jaipur
""",
        ),
        Mail(
            file="2026-06-19-harish-baskets.eml",
            date="Fri, 19 Jun 2026 08:30:21 +0530",
            sender="Harish Gowda",
            address="harish.gowda@example.com",
            subject="Thank you",
            text="""\
Ordered Monday, here on Thursday, wrapped so well that my daughter kept the box. Whoever packs and brings your parcels
deserves a raise.

Harish
""",
        ),
        Mail(
            file="2026-06-22-zoya-leh.eml",
            date="Mon, 22 Jun 2026 19:14:00 +0530",
            sender="Zoya Khan",
            address="zoya.khan@example.org",
            subject="Do you deliver to Leh?",
            text="""\
Hi! My brother is posted in Leh until October. Do you deliver there, and how many days should I reckon with? It would be
two candles and a notebook, nothing heavy.

Zoya Khan
""",
        ),
        Mail(
            file="2026-06-23-kavitha-address.eml",
            date="Tue, 23 Jun 2026 10:02:17 +0530",
            sender="Kavitha Ramesh",
            address="kavitha.ramesh@example.com",
            subject="Change of delivery address",
            text=f"""\
Good morning, for {order_of("kavitha.ramesh@example.com", "2026-06-22")} I gave our old flat by mistake. Could you deliver to
my office in Guindy instead? I can send the full address. No hurry at all.

Kavitha Ramesh
""",
        ),
        Mail(
            file="2026-06-24-courier-offer.eml",
            date="Wed, 24 Jun 2026 07:00:00 +0530",
            sender="Garuda Parcel Sales",
            address="sales@garudaparcel.example",
            subject="Are late deliveries costing you customers?",
            text="""\
Dear business owner,

late parcels, angry customers, missing tracking: sounds familiar? Garuda Parcel brings 97 of 100 parcels on the promised
day. Book a call this month and the first fifty shipments are free.

The Garuda Parcel sales team
""",
        ),
        Mail(
            file="2026-06-26-imran-same-day.eml",
            date="Fri, 26 Jun 2026 16:27:40 +0530",
            sender="Imran Ali",
            address="imran.ali@example.com",
            subject="Same-day delivery in Chennai",
            text="""\
Hello, I have not bought from you before. Is there a way to get a rug within the same day in Adyar if I order in the
morning? I would also pay for a rickshaw.

Imran Ali
""",
        ),
        Mail(
            file="2026-06-27-newsletter.eml",
            date="Sat, 27 Jun 2026 06:30:00 +0530",
            sender=SHOP,
            address=SHOP_ADDRESS,
            to="Neem Circle members <circle@neemlane.example>",
            subject="Rain is here: new things for wet days",
            text="""\
Dear members,

the first rain has washed the lane and we have unpacked the Rain Chain Bell, which turns a downpour into music. The
Coir Welcome Mat is back in stock. Members may visit the seasonal sale two days early, on 9 July.

Neem Lane Home
""",
            html="""\
<html><body><h1>Rain is here</h1><p>Dear members,</p>
<p>the first rain has washed the lane and we have unpacked the <i>Rain Chain Bell</i>, which turns a downpour into
music. The Coir Welcome Mat is back in stock. Members may visit the seasonal sale two days early, on 9 July.</p>
<p>Neem Lane Home</p></body></html>
""",
        ),
    ]
