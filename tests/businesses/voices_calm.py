"""Mails that are no complaint of a customer in the month asked about: praise, questions, thanks, business, chatter."""

# ruff: noqa: E501
from __future__ import annotations

from businesses.business import Topic
from businesses.voices_delivery import Voice

PRAISE: dict[Topic, tuple[Voice, ...]] = {
    "delivery": (
        ("Wow, fast", "Ordered on Monday, on my table on Wednesday. Fastest delivery I have seen in years, thank you!"),
        ("Thanks to your driver", "Please pass on a big thank you to the driver. He carried the parcel up four floors and "
         "waited until I had found my glasses. You don't get that every day."),
        ("No complaints here", "I had heard so many horror stories about late parcels that I braced myself. No need: "
         "yours was a day early and perfectly packed. No complaints whatsoever!"),
        ("Great service", "Great courier, great tracking, great shop. The {product} was here before I had finished "
         "clearing a place for it."),
    ),
    "quality": (
        ("Lovely work", "The {product} is even nicer than in the photo. You can feel that somebody took care. Thank you."),
        ("Happy", "I was afraid it would be flimsy, as such things often are. Not at all: solid, well made, not a flaw to "
         "be found. I am delighted."),
        ("Still going strong", "Just to let you know that what I bought from you is still as good as on the first day. "
         "Splendid quality."),
    ),
    "billing": (
        ("Thanks for the quick refund", "The refund was on my account the very next day. That is how it should be, thank "
         "you very much."),
        ("Clear invoice", "My accountant asked me to tell you that yours are the only invoices that she never has to ask "
         "about. So: well done."),
        ("Fair prices", "I compared. You are cheaper than the rest and there were no hidden costs at all. Happy customer "
         "here!"),
    ),
}  # fmt: skip

QUESTION: dict[Topic, tuple[Voice, ...]] = {
    "delivery": (
        ("Do you deliver to islands?", "Hello, we are moving to an island in autumn. Do you deliver there, and is there "
         "an extra charge?"),
        ("Shipping costs?", "Hi, how much is shipping if I order two of the {product}? And can I choose the day?"),
        ("Delivery address", "Good morning, is it possible to have an order delivered to my office instead of my home? I "
         "have not placed the order yet, I just want to know beforehand."),
        ("Pick up in the shop?", "Can I collect an order in person and save the delivery charge? I pass by on most days."),
    ),
    "quality": (
        ("Care", "How do I best clean the {product}? I love it and want to keep it nice."),
        ("Material question", "Hello, before I buy: what is the {product} made of, and where is it made?"),
        ("Any difference?", "What is the difference in quality between the two versions on your site? I cannot decide."),
    ),
    "billing": (
        ("Payment by invoice?", "Do you offer payment by invoice for schools? We would order in spring."),
        ("Which cards?", "Hi, which credit cards do you take, and can I pay in two instalments?"),
        ("Copy of an invoice", "Could you send me a copy of the invoice of my last order when you have a minute? I "
         "spilled tea on mine. Thank you!"),
    ),
}  # fmt: skip

# A customer whose complaint of an earlier month is settled writes back and quotes it.
SETTLED: dict[Topic, tuple[str, ...]] = {
    "delivery": (
        "The parcel is here, everything is in it, and all is well. Thanks for your help!",
        "Thank you for looking into it so kindly. It came this morning and I am happy.",
    ),
    "quality": (
        "The new one is flawless. Thank you for replacing it without a fuss!",
        "Thanks for the repair, it is as good as new and I am very happy with it.",
    ),
    "billing": (
        "The money is back on my account. Thank you for sorting it out so quickly.",
        "The corrected invoice is here and all is fine now, many thanks.",
    ),
}

# People who are no customers at all.
OUTSIDER: dict[Topic, tuple[tuple[str, str, str], ...]] = {
    "delivery": (
        ("Your neighbour", "Vans in front of my gate", "I live next door and have never bought anything from you. But the "
         "vans that fetch your parcels block my gate each afternoon. Please have them park elsewhere."),
        ("SwiftVan Sales", "Late parcels? Angry customers?", "Are late deliveries hurting your shop? Nine of ten buyers "
         "complain about couriers. SwiftVan brings parcels on time, every time. Call us for a free trial week."),
    ),
    "quality": (
        ("Assay Testing Lab", "Is poor quality costing you sales?", "Every fifth product that is returned is faulty. Our "
         "lab tests your goods before your customers complain. Ask for our spring offer."),
        ("A passer-by", "Your sign", "I have never been in your shop, but your sign is of very poor quality: the paint is "
         "coming off in flakes and the letter e is gone."),
    ),
    "billing": (
        ("Ledgerly Software", "Billing mistakes lose customers", "Double charges, wrong invoices, lost refunds: our "
         "software ends all that. Thirty days free for small shops."),
        ("Hartmann Wholesale", "Unpaid invoice 7731", "Our invoice 7731 to your shop has been unpaid for six weeks. "
         "Kindly settle it, or we have to stop supplying you."),
    ),
}  # fmt: skip

CHATTER: tuple[Voice, ...] = (
    ("Opening hours", "Are you open on the bank holiday? I would like to come by with a friend."),
    ("Catalogue", "Please put me on the list for the printed catalogue, if there still is one."),
    ("Job?", "Hi! Do you take people for a work placement in summer? My daughter is sixteen and keen."),
    ("A photo", "I took a picture of the {product} in the evening sun and thought you might like it. Use it as you "
     "please."),
    ("Colours", "Will the {product} come in green again? I saw it at a friend's and fell in love with it."),
    ("Workshop day", "Is there still a place on the open day next month? There would be two of us."),
)  # fmt: skip

# Somebody forwards what another person wrote, and has no complaint.
FORWARDED: tuple[Voice, ...] = (
    ("Fwd: something for you", "Hello, the lines below landed in my mailbox by mistake. They are meant for you, I think. "
     "With me everything is fine."),
    ("Fwd: mix-up", "Hi, somebody sent me this instead of you. I have nothing to do with it and am a happy customer, but "
     "perhaps you should read it."),
)  # fmt: skip

SHOP_REPLIES: tuple[str, ...] = (
    "We are sorry to read this and look into it today. You will hear from us by tomorrow evening.",
    "Thank you for telling us, and please accept our apology. A colleague will call you this afternoon.",
)

NEWSLETTER: tuple[Voice, ...] = (
    ("News from {shop}", "The new season is here! The {product} is back in stock, and everybody who orders before the "
     "20th gets a small present."),
    ("A look behind our counter", "This month we show you how the {product} is made, and introduce our new colleague. "
     "Come by on Saturday, there is cake."),
)  # fmt: skip
