"""What people write to businesses, in general English: sentences by topic and intent that teach the judge to read.

Owns the topics, their words and their anchors (more in :mod:`anchors_more`). A topic that is not here still works: it
is judged by its own words. Nothing in here comes from any tenant or data set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """``words`` name the topic in a question; the sentences, one a line, are in a customer's voice, by intent."""

    words: frozenset[str]
    complain: Sequence[str] = ()
    praise: Sequence[str] = ()
    ask: Sequence[str] = ()
    request: Sequence[str] = ()


def topic(words: str, *, complain: str = "", praise: str = "", ask: str = "", request: str = "") -> Topic:
    """A topic from texts with one sentence a line."""
    return Topic(
        words=frozenset(words.split()),
        complain=lines(complain),
        praise=lines(praise),
        ask=lines(ask),
        request=lines(request),
    )


def lines(text: str) -> tuple[str, ...]:
    """The sentences of a text that has one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


DELIVERY = topic(
    "delivery deliver delivering delivered shipping ship shipment shipped dispatch courier carrier parcel package post "
    "postal driver arrival arrive transit logistics transport doorstep tracking late lateness delay delayed van depot",
    complain="""
        My parcel has not arrived and nobody knows where it is.
        The delivery was late by several days.
        I am still waiting for my order, it should have been here long ago.
        The courier left the package outside in bad weather.
        The driver did not ring the bell and just left a card.
        The package was delivered to the wrong address.
        The delivery keeps being postponed again and again.
        Nobody turned up on the agreed delivery day.
        The tracking has not moved for days, my shipment seems to be lost.
        It took weeks until the goods reached me.
        Part of the order never came.
        It came too late for the birthday it was meant for.
        You promised express shipping and it took forever.
        I stayed at home the whole day for nothing, the van never came.
        The parcel is marked as delivered but I never received it.
        The carrier handled the box carelessly and threw it over the fence.
        It is more than a week overdue.
        Ordered a month ago and still no sign of it.
        We needed it on Friday and got it on Tuesday.
        The package was handed to a stranger in another street.
        My order is sitting in some depot and does not move.
        The delivery man was rude and refused to bring it upstairs.
        Why does it take you so long to ship a simple item?
        How much longer am I supposed to wait for my things?
        The promised delivery date has passed without any message.
        By the time it got here we no longer needed it.
        I had to pick it up far away although I paid for home delivery.
        Your driver claims nobody was home, which is not true.
        The shipment arrived opened and things were missing from it.
        Somebody else signed for my package.
        My order was sent to the wrong city.
        I took a day off work and the delivery did not come.
        The goods were left on the pavement for everyone to see.
        You gave me three different delivery dates and kept none of them.
        The flowers arrived a day after the funeral.
        The meal was delivered an hour late and cold.
        I paid for next day delivery and did not get it the next day.
        My things are lost in the post.
        Your carrier is unreliable, it is always the same trouble with them.
        The box spent ten days in transit.
        Only half of my order has come, the rest is still missing.
        You say every day that it leaves today, and it never does.
        Any news of my order? It was meant to be here ages ago.
        May I ask what has become of the goods that were due three weeks ago?
        The driver just dropped it at the kerb and drove off.
        I am tired of waiting for it to turn up.
        It went to my old address although I had told you the new one.
        The frozen goods had melted when they were finally brought.
        I was at home all day and still got a note that nobody was in.
        Shipping was painfully slow.
        """,
    praise="""
        Thanks for the fast delivery.
        The parcel arrived earlier than expected.
        The courier was friendly and careful.
        Everything reached me on time, great shipping.
        My order has arrived now, all is well.
        Delivered the very next day, fantastic.
        It came in perfect time for the party.
        The driver was so kind to carry it up the stairs.
        I ordered yesterday and it is already here, amazing.
        I had feared that it would be late, but it came just in time.
        The missing package turned up today, thank you.
        Very smooth delivery, the man called ahead.
        I was prepared for a long wait and was pleasantly surprised.
        Your courier deserves praise, he was so careful with the box.
        You delivered exactly when you had promised.
        The parcel has turned up after all, please forget my last message.
        Despite the holidays it was here within two days.
        Nothing was late and nothing was broken, well done.
        Thanks for telling me about the delay in good time, that is no problem.
        The people who pack and bring your parcels do a wonderful job.
        I had already feared a delay because of the holidays, but no, it was here at once.
        Other shops take weeks, you take a day.
        It arrived without a single scratch although it came from so far away.
        Not once in all these years has a parcel of yours been late.
        Thanks for bringing it to the door, I would never have carried it myself.
        Your driver waited for me although I was late, so kind.
        The tracking was spot on and the courier came to the minute.
        Everything got here safe and sound.
        Many thanks, the parcel came yesterday, so that is settled.
        All good now, the box was with the neighbour.
        It did come in the end, no need to look into it any further.
        Dispatched the same hour, I am impressed.
        The young man who delivered it even took the packaging away.
        I never had to wait, everything was punctual.
        """,
    ask="""
        How long does delivery take?
        When will my order be shipped?
        Do you deliver abroad?
        Can you send me the tracking number?
        What does shipping cost?
        Will it be here before the weekend if I order today?
        Which carrier do you use?
        On which day can I expect my parcel?
        Can you ship to a pick-up station?
        Is it possible to have it delivered in the evening?
        Could I collect the order from your store?
        Do you also send to other countries?
        Has my order already left your warehouse?
        Can you deliver on the same day?
        Would it be possible to deliver after our holiday?
        Does the driver carry it up the stairs?
        Is the parcel insured?
        What happens if I am not at home when the parcel comes?
        What do you do if a parcel gets lost on the way?
        Who pays when something breaks during transport?
        How will I know when my order is on its way?
        Can I still change the delivery date?
        Is it true that you deliver on Sundays too?
        How do you pack fragile things for the journey?
        Would my order arrive in time for Christmas?
        Which day would you bring it if I order now?
        Before I order: how reliable is your shipping?
        Do you charge for delivery to the third floor?
        How much later would it be if I chose the cheaper shipping?
        """,
    request="""
        Please send the parcel to another address.
        Please deliver it in the morning.
        Please leave the parcel with my neighbour.
        Could you hold the shipment until I am back from holiday?
        Please correct the address before it leaves.
        Please give the parcel to the shop next door.
        Please send everything in one box.
        """,
)

QUALITY = topic(
    "quality defect defects defective fault faults faulty broken damage damages damaged workmanship durability product "
    "products malfunction broke breakage item items goods material",
    complain="""
        The product is broken.
        It stopped working after a few days.
        The item is defective and of poor quality.
        A part came off the first time I used it.
        It arrived scratched, chipped and damaged.
        The material is thin and badly made.
        It does not do what the description says.
        The colour is not the one shown in the pictures.
        It makes a strange noise and gets hot.
        It leaks.
        The fabric tore and the colour washed out.
        I was sent the wrong item.
        The screen has a crack.
        It does not switch on any more.
        One of the legs is loose and the whole thing wobbles.
        The stitching came undone.
        It smells awful when it is on.
        After one wash it was ruined.
        The glass was broken when I unpacked it.
        The device turns itself off all the time.
        Rust appeared after the first rain.
        The handle snapped.
        It is cheap rubbish.
        There is a dent in the side.
        The surface is scratched.
        The charger gets so hot that it melts.
        The lid does not close properly.
        It fell apart.
        A screw is missing and the holes do not line up.
        The picture is blurry and the sound crackles.
        The replacement has the same defect.
        The shoes gave way at the sole within a month.
        I expected much better quality from you.
        The plant was mouldy.
        The motor is dead.
        The parcel came in time, but the wrong article was in it.
        I opened the box and found a crack in it.
        What you delivered yesterday is already falling to pieces.
        Parts were missing in the box, so that I cannot assemble it.
        It was mouldy and inedible.
        The coating peels off.
        """,
    praise="""
        The quality is excellent, I love it.
        It works perfectly, a great product.
        Beautifully made, even nicer than in the pictures.
        I am thrilled with my purchase.
        The best one I have ever had.
        Solid, well built and pretty.
        My children adore it.
        Wonderful material and lovely colours.
        So beautifully crafted, worth every penny.
        It tastes wonderful and smells divine.
        I have used it every day for a year and nothing has broken.
        I was sceptical at first, but now I would not give it away.
        No loose threads, no scratches, simply perfect.
        The repaired one works like new, thank you.
        My old one broke after a month, yours lasts and lasts.
        The whole family loves it.
        Thanks for the replacement, this one works without a fault.
        What a pleasure to hold something so well made.
        """,
    ask="""
        What is it made of?
        Does it work with other devices?
        How do I clean and care for it?
        Is it waterproof?
        How long does the battery last?
        Does it come with a guarantee?
        Which colours are there?
        How do I put it together?
        What do I do if it should break?
        Can it go into the dishwasher?
        Is it suitable for children?
        Will the colour fade in the sun?
        Which of the two would you recommend?
        Can I get spare parts for it?
        How long is it good for once opened?
        Does it contain nuts?
        """,
)

SERVICE = topic(
    "service staff support employee employees assistant assistants agent agents team helpline hotline colleague "
    "colleagues waiter waitress attitude rudeness rude behaviour behavior personnel helpdesk treatment salesperson",
    complain="""
        Your staff was rude to me.
        Customer service never answers my messages.
        I was on hold for an hour and then cut off.
        The agent was unhelpful and did not care.
        Nobody called me back as promised.
        I was treated disrespectfully by your employee.
        The hotline gave me contradictory information.
        We were ignored and waited to be served.
        I have been writing to you for weeks without any reply.
        The lady on the phone was very unfriendly.
        Your support is useless.
        The salesman talked down to me.
        Everybody passes me on to somebody else.
        Your colleague shouted at me.
        The bot does not understand me and there is no human to talk to.
        Three calls, three different answers.
        The assistant was more interested in her phone than in customers.
        The receptionist was impolite.
        You promised to get back to me and never did.
        I feel that I am not taken seriously.
        """,
    praise="""
        Your colleague was very helpful and kind.
        Excellent service, a friendly team.
        Thank you for solving it so quickly on the phone.
        The assistant took a lot of time for us.
        Your support answered within minutes.
        The waiter was charming.
        I have rarely been treated so well.
        Thank you for your quick and friendly answer.
        Please tell your colleague that she was wonderful.
        You never let a customer down.
        """,
    ask="""
        When can I reach your support?
        Whom should I contact about this?
        What are your opening hours?
        Is there a phone number I can call?
        Who is responsible for business customers?
        """,
    request="""
        Please call me back.
        Could somebody get in touch with me?
        """,
)

BILLING = topic(
    "billing bill bills invoice invoices payment payments charge charges charged debit debits overcharging overcharged "
    "voucher accounting",
    complain="""
        I was charged twice for the same thing.
        The invoice is wrong.
        Money was taken from my account without my consent.
        I got a payment reminder although I have already paid.
        You still charge me after I ended the subscription.
        The amount on the bill is higher than agreed.
        The voucher was not deducted.
        The bill lists things that I never bought.
        You debited the wrong amount.
        My payment is not recorded although it left my account.
        There is an unknown charge from you on my card.
        The invoice has the wrong name and the wrong tax.
        You sent a debt collector for a bill that is paid.
        Why did you book the amount two times?
        The discount is missing on the invoice.
        I am asked to pay for something that I sent back.
        You took more from my card than the order says.
        My bank shows two bookings for one order.
        The tax on the bill is calculated wrongly.
        The bill is addressed to somebody else.
        I was promised a credit note and it is not on the bill.
        You keep sending reminders for an invoice that I settled long ago.
        The total does not add up.
        """,
    praise="""
        Thank you for correcting the invoice.
        The payment went through without any trouble.
        Thanks, the money is back in my account.
        The corrected bill has arrived, everything is right now.
        You noticed the double payment yourselves and paid it back, that is honest.
        The invoice is clear and easy to read.
        I was worried about the wrong amount, but you sorted it out in a minute.
        """,
    ask="""
        Can I pay by bank transfer?
        Could you send me a copy of the invoice?
        Which means of payment do you accept?
        When is the bill due?
        What happens if I pay late?
        Can the invoice be sent by mail instead of post?
        Is it possible to pay in two parts?
        Will I get a receipt?
        Do I have to pay in advance?
        When do you charge my card?
        """,
    request="""
        Please send me an invoice with our company name.
        Please change the billing address.
        """,
)

PRICE = topic(
    "price prices pricing cost costs expensive fee fees value",
    complain="""
        This is far too expensive.
        You raised your prices too much.
        It is cheaper elsewhere, I feel ripped off.
        The fees are outrageous.
        It is not worth the money.
        The price went down right after I had bought it.
        The shipping fee is much too high.
        So much money for so little.
        There were hidden costs.
        The price is a rip-off.
        """,
    praise="""
        Great value for money, a bargain.
        Your prices are very fair.
        """,
    ask="""
        How much does it cost?
        Do you give a discount?
        What is the price for ten pieces?
        Is the price including tax?
        """,
    request="""
        Please send us a quote for a large quantity.
        Please make us an offer.
        """,
)
