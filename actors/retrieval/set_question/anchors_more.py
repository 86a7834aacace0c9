"""More anchors: smaller topics, what customers ask for, and what is no customer's word at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actors.retrieval.set_question.anchors import (
    BILLING,
    DELIVERY,
    PRICE,
    QUALITY,
    SERVICE,
    Topic,
    lines,
    topic,
)

RETURNS = topic(
    "returns returning refunds reimbursement",
    complain="""
        You refuse to take the item back.
        I sent it back weeks ago and have not got my money back.
        The return process is complicated and the label does not work.
        My refund has still not been paid.
        You rejected my return without a reason.
        You charge a fee for taking it back.
        Returning something to you is a pain.
        You only refunded half of what I paid.
        You say that my return never reached you.
        """,
    praise="""
        The return was easy and the refund came at once.
        Thanks for taking it back without any fuss.
        """,
    ask="""
        How can I return an item?
        How long do I have to send it back?
        Who pays for the return?
        """,
)

REFUND = topic(
    "refund refunded money-back reimburse reimbursed",
    request="""
        I want my money back.
        Please refund the amount to my account.
        I would like a full refund.
        Please transfer back what I have paid.
        Kindly reimburse me.
        I ask you to refund the purchase price.
        I expect my money to be returned to my card.
        """,
)

RETURN = topic(
    "return returned",
    request="""
        I would like to return the item.
        I want to send it back.
        Please have it collected, I am giving it back.
        Please send me a return label.
        I do not like it and want to give it back.
        You want to return the cleaner and the watch.
        """,
)

EXCHANGE = topic(
    "exchange exchanged replacement replace swap swapped",
    request="""
        I would like to exchange it for another one.
        Please send me a replacement.
        Could I swap it for a different size or colour?
        I need it in a different model, can you change it?
        Please replace the faulty one.
        I want to exchange it for a larger one.
        """,
)

CANCELLATION = topic(
    "cancel cancelled canceled cancellation cancelling canceling",
    request="""
        Please cancel my order.
        I want to cancel the contract.
        We have to cancel our reservation.
        I no longer want it, take it off my order.
        Please stop the order, I do not need it any more.
        I hereby terminate my subscription.
        """,
)

PACKAGING = topic(
    "packaging packing wrapping wrapped wrap plastic",
    complain="""
        There was far too much plastic packaging.
        It was badly packed, with no padding in the box.
        The gift wrapping was torn and ugly.
        The box was much too large for such a small thing.
        So much waste for one small item.
        It was not wrapped at all.
        """,
    praise="""
        The wrapping was beautiful.
        Nicely packed, without any plastic.
        """,
    ask="Do you offer gift wrapping?",
    request="Please wrap it as a present.",
)

WEBSITE = topic(
    "website site app online checkout login page webshop portal homepage",
    complain="""
        Your website does not work.
        The app crashes all the time.
        I cannot log in to my account.
        The checkout shows an error when I try to pay.
        The page does not load.
        Your site is confusing, I find nothing.
        The password link does not work.
        The form cannot be sent.
        """,
    praise="""
        Your website is clear and easy to use.
        The new app is great.
        """,
    ask="""
        How can I change my account details online?
        Where on your website do I find the instructions?
        """,
)

SIZE = topic(
    "size sizes sizing fit fitting",
    complain="""
        It does not fit, it is much too small.
        It is too big.
        The size chart is wrong.
        The sleeves are too long.
        The sizes are completely off.
        """,
    praise="It fits perfectly.",
    ask="""
        Which size should I take?
        Is it true to size?
        """,
)

CLEANLINESS = topic(
    "cleanliness hygiene dirt dirty cleaning clean",
    complain="""
        The room was dirty.
        The toilets were filthy and smelled.
        The sheets had stains.
        There was dust and rubbish everywhere.
        """,
    praise="Everything was clean and fresh.",
    ask="When is the room cleaned?",
)

NOISE = topic(
    "noise noisy loud loudness",
    complain="""
        It was so loud that we could not sleep.
        There was building noise all day.
        The neighbours partied all night.
        The music was unbearable.
        """,
    praise="It was wonderfully quiet.",
    ask="Could we have a quiet room?",
)

BOOKING = topic(
    "booking reservation appointment appointments reservations bookings schedule scheduling",
    complain="""
        Our reservation was given to somebody else.
        You moved my appointment without asking me.
        The booking was lost in your system.
        My appointment was cancelled at the last minute.
        """,
    praise="Booking with you was easy.",
    ask="""
        Is there a free appointment next week?
        Do you have a table for two tonight?
        """,
    request="""
        I would like to book a table.
        I would like to make an appointment.
        """,
)

FOOD = topic(
    "food meal meals dish dishes menu taste kitchen",
    complain="""
        The food was tasteless.
        The meat was raw.
        The dish was too salty.
        I found a hair in my soup.
        The bread was stale and the milk was sour.
        """,
    praise="The food was delicious.",
    ask="""
        Are there nuts in this dish?
        Do you have vegetarian meals?
        """,
)

AVAILABILITY = topic(
    "availability stock sold-out unavailable",
    complain="""
        It is always sold out.
        You sold me something that you do not have in stock.
        """,
    ask="""
        When will it be available again?
        Is it in stock?
        """,
    request="Please tell me when it is back in stock.",
)

TOPICS: Mapping[str, Topic] = {
    "delivery": DELIVERY,
    "quality": QUALITY,
    "service": SERVICE,
    "billing": BILLING,
    "price": PRICE,
    "returns": RETURNS,
    "refund": REFUND,
    "return": RETURN,
    "exchange": EXCHANGE,
    "cancellation": CANCELLATION,
    "packaging": PACKAGING,
    "website": WEBSITE,
    "size": SIZE,
    "cleanliness": CLEANLINESS,
    "noise": NOISE,
    "booking": BOOKING,
    "food": FOOD,
    "availability": AVAILABILITY,
}

# Complaints and praise about nothing in particular.
GENERAL_COMPLAINTS: Sequence[str] = lines("""
    I am very unhappy and will not buy from you again.
    This is unacceptable.
    I am writing to complain.
    I am really angry and disappointed.
    This cannot be true.
    I expect an explanation.
    Never again.
    What a disgrace.
    """)

GENERAL_PRAISE: Sequence[str] = lines("""
    You are a wonderful company.
    Thank you so much, I am delighted.
    Keep up the good work.
    I recommend you to all my friends.
    All is well now, thanks.
    It has been sorted out, many thanks.
        Never mind my last message, everything is fine.
        No complaints at all.
        That is settled, you do not need to do anything.
        You solved my problem faster than I could have hoped.
        I only wanted to say thank you.
    """)

# What is neither complaint, praise, question nor request of a customer: notices, adverts, replies, plain facts.
NOTICES: Sequence[str] = lines("""
    Thank you for your order, we will inform you when it is dispatched.
    Your parcel is on its way and will be delivered tomorrow.
    We apologise for the delay of your parcel.
    We are very sorry for the inconvenience, our team is looking into it.
    We are sorry that your order arrived broken and have sent a new one.
    Your parcel was delivered today and signed for by the recipient.
    Estimated delivery between Monday and Wednesday.
    The carrier confirmed to us that your package will reach you tomorrow.
    We have credited the amount to your account.
    Free shipping on everything this week only.
    Discover our new collection in this month's newsletter.
    Save twenty percent on all shoes until Sunday.
    Please find attached our invoice.
    This is an automated message, please do not reply.
    We help companies like yours to avoid late deliveries.
    As your logistics partner we inform you of our new rates.
    I am out of office until Monday.
    I would like to order the following items.
    We order ten more of the same, to the usual address.
    Please rate your last purchase.
    Your appointment is confirmed.
    You have chosen the morning slot for your delivery.
    I will be at home to take the delivery, that day suits me.
    Please note my new phone number.
    I have moved, here is my new address.
    Let us move the meeting to another time.
    I would like to apply for the job that you advertised.
    Attached you find the delivery note.
    Your verification code is below.
    Happy birthday from all of us.
    Your subscription renews next month.
    The stock list for next month is attached.
    Hello, good morning.
    Kind regards
    Many thanks in advance.
    I bought it last month in your shop.
    My order number is below.
    I ordered a lamp and two chairs on Monday.
    It is meant as a present for my father.
    I am a customer of yours.
    It was okay.
    Got it, thanks.
    Our driver will collect the pallets tomorrow.
    Unfortunately our supplier is late, your order will be sent a few days later.
    Late parcels cost you customers, our fleet is faster.
    We have opened a search with the carrier and will write to you again.
    Please deliver twenty crates on Monday.
    That slot is fine, the gate is open.
    Our invoice is overdue, please arrange for payment.
    Welcome to our club, collect points with every order.
    We thank you for your message and will answer soon.
    The warehouse is open to visitors on Saturday.
    Thank you for your message, we are sorry to hear that.
        We have looked into it and the carrier tells us that it was handed over.
        Our team has sent you a replacement.
        As a small apology we send you a voucher.
        I forward this to you for your information.
        Could you have a look at this, a customer wrote to us.
        Are you coming to lunch on Friday?
        Here is the list of what we need.
        The next market is in two weeks.
        See you next week.
    """)
