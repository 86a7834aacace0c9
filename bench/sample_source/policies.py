"""The shop's documents. Each is a title and its sections; a section is a heading and its paragraphs."""

# ruff: noqa: E501
from __future__ import annotations

Section = tuple[str, list[str]]
Document = tuple[str, list[Section]]

SHIPPING: Document = (
    "Shipping and Delivery",
    [
        ("Where we ship", [
            "Neem Lane Home ships to every postcode in India from our workshop in Mylapore, Chennai. "
            "We do not ship abroad yet.",
        ]),
        ("How long it takes", [
            "Orders paid before 2 pm on a working day leave the workshop the same day. Standard shipping takes two to "
            "four working days within Tamil Nadu and four to seven working days elsewhere in India.",
            "Express shipping takes one working day to Chennai and Bengaluru and two working days to Mumbai, Pune, "
            "Hyderabad, Kochi and Delhi. Express is not offered to other places.",
        ]),
        ("What it costs", [
            "Standard shipping costs 80 rupees for an order below 1,500 rupees and is free from 1,500 rupees. "
            "Express shipping costs 240 rupees for any order.",
            "Rugs and pendant lights travel by a special carrier, who charges a flat 350 rupees and telephones to agree "
            "on a time slot.",
        ]),
        ("If a parcel is late", [
            "A parcel counts as late three working days after the promised date. Write to us with your name; you do not "
            "need the order number. We ask the carrier the same day, and if the parcel is not found within five working "
            "days we send the goods again or refund the whole price, as you choose.",
        ]),
        ("Changing the address", [
            "The delivery address can be changed free of charge until the parcel has left the workshop. Once the parcel has "
            "left, changing the address costs 60 rupees, which the carrier charges.",
        ]),
    ],
)  # fmt: skip

WARRANTY: Document = (
    "Warranty",
    [
        ("What is covered", [
            "Lighting is under warranty for 24 months and all other goods for 12 months from the day of delivery. The "
            "warranty covers faults of material and workmanship.",
        ]),
        ("What is not covered", [
            "Ordinary wear, the natural darkening of brass and copper, chips from a fall, and cast iron that rusted "
            "because it was put away wet are not covered.",
        ]),
        ("How to claim", [
            "Send two photographs and a sentence about the fault to care@neemlane.example. We answer within three "
            "working days. We repair first, replace second and refund when neither is possible; carriage both ways is "
            "ours.",
            "Repairs are done at the Mylapore workshop and take about twelve working days.",
        ]),
    ],
)  # fmt: skip

RETURNS: Document = (
    "Returns and Exchanges",
    [
        ("Thirty days", [
            "You may return anything within 30 days of delivery if it is unused and in its own box. You need not give a "
            "reason.",
        ]),
        ("What cannot come back", [
            "Candles that have been lit, notebooks with your name printed on them, and goods from the end-of-season "
            "table cannot be returned.",
        ]),
        ("Who pays for the parcel", [
            "The first return of an order is free: we send a courier on a day you choose. Each further return of the "
            "same order costs 90 rupees.",
        ]),
        ("When you get your money", [
            "We check a return within two working days and refund to the way you paid. If you paid with UPI, you get your "
            "money back within one day; a refund to a card takes up to six working days. If you paid in cash, we "
            "transfer the money to a bank account that you name.",
        ]),
        ("Exchanges", [
            "An exchange for another colour is free once per order. If the new piece costs more, you pay the difference; "
            "if it costs less, you get a gift card for the rest.",
        ]),
    ],
)  # fmt: skip

GIFT_CARDS: Document = (
    "Gift Cards",
    [
        ("Values", [
            "Gift cards are sold for any amount between 500 and 20,000 rupees, on paper at the shop or by e-mail.",
        ]),
        ("How long they last", [
            "A gift card is valid for 18 months from the day it was bought. Ask before it ends and we extend it once by "
            "six months.",
        ]),
        ("Using them", [
            "Type the code at the checkout or show the card at the till. What is left stays on the card. Up to three "
            "cards can be used for one order. A gift card cannot be exchanged for cash.",
        ]),
        ("Lost cards", [
            "We can block a lost card and issue a new one if you have the receipt or the e-mail it came with.",
        ]),
    ],
)  # fmt: skip

MARKDOWN: dict[str, str] = {
    "opening-hours.md": """\
# Opening hours and how to reach us

## The shop

Neem Lane Home, 14 Kutchery Cross Street, Mylapore, Chennai 600004.

| Day | Hours |
|---|---|
| Monday | closed |
| Tuesday to Friday | 10:30 to 19:30 |
| Saturday | 10:00 to 20:30 |
| Sunday | 11:00 to 17:00 |

On Pongal, Deepavali and the two days of the yearly stocktaking (31 March and 1 April) the shop is closed.

## Telephone and mail

The telephone (044 5550 0142) is answered while the shop is open. Mails to hello@neemlane.example are answered within
one working day. Parking for two cars is behind the temple tank; the bicycle stand is at our door.

## Workshop visits

On the first Saturday of a month Kumaran shows how brass is tinned, from four o'clock, for eight people at most.
Book a place by telephone; it costs nothing.
""",
    "privacy.md": """\
# Privacy notice

We keep what we need to send you what you bought: name, address, telephone number, e-mail address and your orders.

## How long we keep it

Invoices are kept for eight years because the tax law asks for it. Mails are deleted after two years. An account that
nobody has used for three years is deleted, and we write to you a month before.

## Whom we give it to

The carrier gets your name, address and telephone number. The payment company sees your card; we never do. We sell no
data, and our newsletter is sent from our own server.

## Your rights

Write to privacy@neemlane.example to see, correct or delete what we hold about you. We do it within ten days. The
person responsible is Revathi Anand.
""",
    "care-guide.md": """\
# Care guide

## Brass and copper

Wash by hand with tamarind pulp or lemon and salt, rinse, and dry at once. Never put brass in the dishwasher. Tin lining
wears off in about four years of daily use; we tin a tumbler again for 150 rupees.

## Cast iron

Rub the dosa pan with a drop of sesame oil after each use and keep it dry. If food sticks, season it: oil it thinly and
heat it for an hour at 220 degrees.

## Wood

Oil chopping boards with coconut oil once a month. Do not soak wood.

## Indigo and handloom

Wash indigo alone and cold for the first three washes; the water turns blue and that is as it should be. Rugs are shaken
out and aired; once a year send them to a dry cleaner.

## Lamps

Wipe paper shades with a dry brush. Use bulbs of 40 watts at most in the moth lamp.
""",
    "neem-circle.md": """\
# Neem Circle, our club

Joining is free. Members get one leaf for every 100 rupees they spend; 40 leaves are worth a discount of 200 rupees on
the next order. Leaves expire after 12 months.

## What else members get

- Free gift wrapping
- The seasonal sale two days before everyone else
- A birthday card with ten leaves in it

Leaves are not given for gift cards or for shipping costs.

## Leaving

Write to hello@neemlane.example. Your leaves are lost, your orders stay in your account.
""",
    "wholesale.md": """\
# Trade and bulk orders

Hotels, cafes and decorators get 12 per cent off from 25 pieces of one product and 18 per cent off from 100 pieces.

## Terms

The first order is paid in advance. From the second on, invoices are due in 21 days. We quote within two working days:
write to trade@neemlane.example with the product codes and the date you need them.

## Custom work

Letterpress notebooks and cushions can carry your name or mark from 50 pieces on. A proof costs 600 rupees, which we
take off the order. Custom work needs four weeks.
""",
}
