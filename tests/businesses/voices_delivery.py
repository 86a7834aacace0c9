"""Complaints about delivery, as different people write them.

Each is (subject, body). Slots: ``{order}`` an order number, ``{product}`` a product in full or shortened, ``{shop}``.
``LATE`` are plainly about lateness. ``OTHER`` are about delivery and not about lateness, or about more than it.
"""

# ruff: noqa: E501
from __future__ import annotations

Voice = tuple[str, str]

LATE: tuple[Voice, ...] = (
    ("Still waiting", "Hello,\n\nmy parcel was due last Tuesday. It is now more than a week late and nobody has told me "
     "anything. I find this poor."),
    ("order {order}", "Order {order} is late. Again. You said five days, it has been more than two weeks. What is going "
     "on over there?"),
    ("Where is the {product}?", "Good morning,\n\nI was promised the {product} for the weekend and it is Thursday. I "
     "took a day off to be at home for it. Please do not tell people dates that mean nothing.\n"),
    ("so slow", "sorry but this is the slowest delivery i ever had. two weeks for a small box?? my cousin in canada gets "
     "things faster"),
    ("Delay", "To whom it may concern,\n\nI write to express my dissatisfaction with the time that it takes your firm "
     "to bring a parcel to my door. The confirmation spoke of three to five days. We are now at day sixteen. I would be "
     "obliged if you looked into the matter."),
    ("Birthday came and went", "Hi there,\n\nthe {product} was a present. The birthday was on Saturday. The parcel was "
     "not there on Saturday, nor on Monday, nor today. I had to hand over a printed picture in an envelope, which was "
     "as embarrassing as it sounds. I ordered in good time, you shipped late, and the courier did the rest."),
    ("Re: Your order", "This was supposed to be here a week ago. I have now called three times and each time I hear "
     "\"tomorrow\". Tomorrow never comes."),
    ("{order}??", "Hi, {order} hasnt come yet, its been ages. The tracking has not moved for nine days. realy "
     "dissapointed, wont order again if it takes that long"),
    ("A word about your delivery times", "Dear {shop},\n\nyou make fine things and I have recommended you to half the "
     "street. All the more I regret to say that the last parcel took nineteen days. In that time I could have walked to "
     "you, had a cup of coffee and walked back. Perhaps you might look for another carrier?"),
    ("Late, late, late", "LATE AGAIN!!! Second time this year. What is the point of paying for next-day if it comes next "
     "week? I am furious."),
    ("Parcel arrived ten days after the promised date", "Hello,\n\njust so that you know: the {product} came yesterday, "
     "ten days after the date in your mail. Nobody apologised, nobody explained. I needed it for an event which is now "
     "over."),
    ("waiting since forever", "Hey, me again from the shop visit. Remember you said it would be there by the 1st? Yeah. "
     "It isnt. I keep running to the door each time a van goes by. Not funny anymore, when will my stuff come"),
    ("Overdue: {order}", "Order {order}: promised within 4 days. Not here after 15. Please explain the delay in writing."),
    ("My order", "Dear all,\n\nI do not like to make a fuss. But I have been looking out of the window for my parcel for "
     "over a week now, and your telephone lady says each day that it is on the van. At my age one does not like to sit "
     "by the window all day. Could it not simply come on the day you say?"),
    ("Shipping took three weeks", "Three weeks from payment to doorstep, and two of them it lay in your own warehouse "
     "according to the tracking. That is not the courier's fault, that is yours. Not acceptable for {order}."),
    ("Not amused", "I run a small cafe and needed the {product} for our opening. You knew the date, I had asked on the "
     "phone. It got here four days after we opened. We looked like fools, thanks to your slow shipping."),
    ("express my foot", "I paid extra for express. Express! The parcel took eleven days. Regular post would have been "
     "quicker and cheaper. I expect that the express fee is the last thing I ever pay you for nothing."),
    ("Late delivery", "Hi,\n\nsecond reminder from my side. Still no {product}, still no answer to my first mail. The "
     "estimated date was the week before last.\n\nPlease sort this out."),
    ("your courier", "hi, i think your courier fell asleep. parcel sits in the depot 8 km from me since nine days. "
     "every day \"out for delivery today\". it never is. annoying"),
    ("Question about honesty", "If your website says \"ships within 24 hours\" and the thing leaves you on day twelve, "
     "what do you call that? I call it misleading. {order} is late and you know it."),
    ("Holiday ruined, a bit", "We left for our trip on Friday without the {product}, because it still had not come, "
     "although you had written that it would be there on Tuesday at the latest. Now it will be lying around at home "
     "while we would have needed it here. Next time I shall go to a shop on the corner."),
    ("Kind reminder and unkind thoughts", "It is the third mail I write. My order was to be here on Monday of last week. "
     "I stay polite because I was brought up that way, but you try my patience with this delay."),
)  # fmt: skip

OTHER: tuple[Voice, ...] = (
    ("\"Delivered\"?", "Your tracking page says that {order} was delivered on Monday at noon. It was not delivered to me, "
     "nor to my neighbours, nor to anybody I know. I would like to know whose doorstep your driver thinks is mine."),
    ("Parcel dumped", "The driver threw my parcel over the garden gate. Threw it. I watched him do it. When I called "
     "after him he laughed. Please tell your delivery company that this will not do."),
    ("Left in the rain", "Hello,\n\nthe box with my {product} was left on the open step in pouring rain although I had "
     "ticked \"leave with neighbour\". The cardboard was soup by the evening. I am very unhappy with this way of "
     "delivering."),
    ("Wrong house", "hi, ur driver gave my parcel to number 48. we r number 84. the folks at 48 are on holiday since. can "
     "you get it back pls?? this is the 2nd time he mixes it up, so annoying"),
    ("Rude driver", "Dear {shop},\n\nI have never been spoken to like that on my own doorstep. Because I asked your "
     "delivery man to carry the parcel to the first floor, as agreed with you on the phone, he called me lazy, dropped "
     "it at the gate and drove away. I am seventy-eight."),
    ("No ring, just a card", "I was at home all day. The bell works. And yet there was a card: \"we missed you\". Now I "
     "must drive 25 km to the depot for a parcel whose delivery to my door I paid for. What a joke."),
    ("Third failed attempt", "Third attempt, third lie. The driver notes \"recipient absent\" while I stand at the window "
     "and watch him pass without stopping. {order} will go back to you now, it seems. I am fed up with this courier."),
    ("delivery slot", "Slot booked: 9 to 11. I moved a meeting for it. Driver came at half past four, when of course "
     "nobody was in. Then no second attempt. I would like my morning back."),
    ("Lost parcel", "The carrier admits by now that my parcel is lost. Nobody at your place seems to feel responsible: "
     "you send me to them, they send me to you. I want my {product} or my money, and I want no more ping-pong."),
    ("Unsigned", "Somebody signed for my parcel and it was not me. The signature is a straight line. I am not amused that "
     "your carrier hands out parcels to whoever walks by."),
    ("Behind the bins", "I found the {product} behind the rubbish bins. Behind the bins! On collection day! Ten minutes "
     "later it would have been gone with the rest. Who does such a thing? Please choose another courier."),
    ("sent to my old adress", "Hello, I changed my adress before ordering, it is even in the confirmation, the new one. "
     "still the parcel went to the old flat, and the new people there say they know nothing. i am quite upset, please do "
     "your deliverys properly"),
    ("Courier trouble", "Just a short note. The courier parked on our flower bed, left the parcel in the middle of the "
     "drive and was gone before I had my shoes on. I almost ran it over with the car. Please have a word with them."),
    ("Tracking", "Dear Sir or Madam,\n\nthe tracking number that I was given for {order} belongs, according to your "
     "carrier, to somebody in another country. They can't tell me where mine is, and neither can your hotline. It is "
     "a riddle to me how one can run deliveries like that. I expected better."),
    ("Pick up yourself?!", "Your driver phoned to say that our street is too narrow and that I should come to the petrol "
     "station to fetch my parcel. I don't have a car, that is why I have things delivered. In the end my son had to do "
     "your work. I am not happy at all about that."),
    ("Parcel shop", "I chose home delivery and paid for it. Without asking, the carrier took the parcel to a kiosk at "
     "the other end of town that opens three hours a day. That is not home delivery."),
)  # fmt: skip
