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
        ("Right on the dot", "You said Friday between two and three, and at ten past two the bell rang. I wish that everybody "
         "who brings me things worked like that."),
        ("Packing", "Whoever packs your parcels is an artist. Nothing could have moved in there, and the carrier handled it "
         "as if it were eggs."),
        ("quick!!", "omg that was quick, ordered last night and its already here. you guys rock"),
        ("Kind courier", "My doorbell is broken, so the courier called me on the phone instead of just leaving a card. Small "
         "thing, big smile. Thank you, and thank him."),
        ("Compliments", "Dear all, in forty years of ordering by post I have seldom had such a smooth delivery. My compliments "
         "to everybody involved."),
        ("Came in good time for the party", "Just to say that the {product} came in good time for our party and everybody "
         "wanted to know where it was from. Shipping was fast and cheap, too."),
    ),
    "quality": (
        ("Lovely work", "The {product} is even nicer than in the photo. You can feel that somebody took care. Thank you."),
        ("Happy", "I was afraid it would be flimsy, as such things often are. Not at all: solid, well made, not a flaw to "
         "be found. I am delighted."),
        ("Better than expected", "For that money I had expected less. It is heavy, it is well finished, it does what it "
         "should. You have a fan."),
        ("Thank you", "My sister-in-law, who finds fault with everything, found none with the {product}. That says it all."),
        ("ten out of ten", "ten out of ten, would buy again, best one i ever had"),
        ("Well done", "One sees at once that this was made by people who know what they do. My respect to the workshop."),
        ("Still going strong", "Just to let you know that what I bought from you is still as good as on the first day. "
         "Splendid quality."),
        ("A note of thanks", "We gave one to each of our three children and all are in daily use. Good things, fairly made."),
    ),
    "billing": (
        ("Thanks for the quick refund", "The refund was on my account the very next day. That is how it should be, thank "
         "you very much."),
        ("Clear invoice", "My accountant asked me to tell you that yours are the only invoices that she never has to ask "
         "about. So: well done."),
        ("Thanks for the discount", "How nice that the loyalty discount was taken off without my having to ask. Much "
         "appreciated!"),
        ("So easy to pay", "Paid with my phone in ten seconds and the receipt was in my mailbox before I had put it back in my "
         "pocket. That is how I like it."),
        ("Honest people", "You told me yourselves that I had paid too much and sent the difference back before I had noticed. "
         "Where does one find that today? Thank you."),
        ("Fair prices", "I compared. You are cheaper than the rest and there were no hidden costs at all. Happy customer "
         "here!"),
        ("Receipt", "Thank you for sending the receipt again so promptly. My tax return is safe."),
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
        ("How long?", "If I order the {product} today, about when would it be with me in the mountains? I only need a rough "
         "idea for planning."),
        ("Delivery before noon?", "Is there a way to book a delivery before noon? I work in the afternoons."),
        ("Parcel locker", "Hello, can you also ship to a parcel locker? There is one around the corner from us."),
        ("A present for a friend", "I would like to have something sent straight to a friend as a present, with a card in it. Do "
         "you do that, and can the bill come to me?"),
        ("Which carrier do you use?", "Just curious: which carrier do you use at the moment? I would choose the one that our "
         "porter knows."),
        ("Moving house", "We move at the end of next month. Where can I change the delivery address for future orders?"),
    ),
    "quality": (
        ("Care", "How do I best clean the {product}? I love it and want to keep it nice."),
        ("Material question", "Hello, before I buy: what is the {product} made of, and where is it made?"),
        ("Any difference?", "What is the difference in quality between the two versions on your site? I cannot decide."),
        ("Spare parts", "Do you keep spare parts for the {product}? Mine is fine, I just like to be prepared."),
        ("Is it hand made?", "Is the {product} made by hand, and by whom? I would like to tell the person to whom I give it."),
        ("Suitable for children?", "Hello, is the {product} suitable for children of about six?"),
        ("How do you test?", "For an article in our club magazine: how do you check the quality of what you sell?"),
    ),
    "billing": (
        ("Payment by invoice?", "Do you offer payment by invoice for schools? We would order in spring."),
        ("Which cards?", "Hi, which credit cards do you take, and can I pay in two instalments?"),
        ("Copy of an invoice", "Could you send me a copy of the invoice of my last order when you have a minute? I "
         "spilled tea on mine. Thank you!"),
        ("Vouchers", "Do you sell vouchers, and for which amounts? It is for a colleague who retires."),
        ("VAT", "We are a charity. Can you invoice us without VAT if I send you our certificate?"),
        ("Change of name on the bill", "I got married (hooray!). Could future bills carry my new name, please? There is no hurry."),
        ("Deposit", "Do I have to pay a deposit if I reserve the {product} until spring?"),
    ),
}  # fmt: skip

# A customer whose complaint of an earlier month is settled writes back and quotes it.
SETTLED: dict[Topic, tuple[str, ...]] = {
    "delivery": (
        "The parcel is here, everything is in it, and all is well. Thanks for your help!",
        "Thank you for looking into it so kindly. It came this morning and I am happy.",
        "All settled, my neighbour had taken it in. Sorry for the fuss, and have a nice weekend!",
        "Got it, thanks for the quick help. Case closed from my side.",
    ),
    "quality": (
        "The new one is flawless. Thank you for replacing it without a fuss!",
        "Thanks for the repair, it is as good as new and I am very happy with it.",
        "The replacement came and it is perfect. I take back what I said.",
    ),
    "billing": (
        "The money is back on my account. Thank you for sorting it out so quickly.",
        "The corrected invoice is here and all is fine now, many thanks.",
        "Found it, the credit is on this month's statement. Thank you for your patience with me.",
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
