"""Complaints about the goods themselves, and about money. Slots as in ``voices_delivery``."""

# ruff: noqa: E501
from __future__ import annotations

from businesses.voices_delivery import Voice

QUALITY: tuple[Voice, ...] = (
    ("Broken after a week", "Hello,\n\nthe {product} broke on the sixth day. I used it just as one is supposed to. For "
     "that price I had expected something sturdier."),
    ("cheap stuff", "not what i call quality. looks nice on the photo but in the hand its flimsy and one corner is "
     "already coming off. meh"),
    ("About the {product}", "Dear {shop},\n\nI bought the {product} because of your good name. After a fortnight the "
     "finish is peeling and there are rough spots where one should not have rough spots. My old one from the market "
     "held for eleven years."),
    ("Poor workmanship", "The seams are crooked, one screw is missing and there is glue where it should not be. Did "
     "nobody look at it before it was packed? I am disappointed in the workmanship."),
    ("{order}", "What you sold me with {order} is badly made. It wobbles, it squeaks, and since Sunday it does not hold "
     "together any more. I would like my money back."),
    ("Not as described", "Your page says \"made to last a lifetime\". Mine lasted nine days. Either I am a mayfly or "
     "somebody was careless in your workshop."),
    ("fell apart", "Hi, it fell apart. Literally. I picked it up and had two halves in my hands. I have bought from you "
     "for years, what happened to your standards?"),
    ("Disappointed", "I am writing about the {product}. The colour rubs off on everything it touches, my hands included. "
     "Is that really how it should be? I do not think so. For me this is a defect."),
    ("Rubbish!!", "RUBBISH. Sorry but there is no other word for it. Used once, broke. Second one, same thing. You "
     "should be ashamed to sell such junk."),
    ("Your material", "Good evening,\n\nyou used to work with better material, it seems to me. The piece that I bought "
     "this time is thinner, bends under the slightest pressure and smells of chemicals. A pity."),
    ("Faulty {product}", "The {product} has been faulty from the first day: something inside is loose and rattles, and "
     "the surface has a long scratch under the varnish, so it was made like that. I would have preferred to write "
     "something nicer."),
    ("Quality has gone down", "I must say that the quality has gone down since you changed the supplier. The last one I "
     "had from you still works. The new one already shows cracks after normal use."),
)  # fmt: skip

QUALITY_EDIBLE: tuple[Voice, ...] = (
    ("Stale", "Hello,\n\nthe {product} was stale when I opened it, with four weeks to go until the date on the label. I "
     "do not know how you store things, but that is not right."),
    ("Tastes of nothing", "I have no idea what went wrong this time, but it tastes of cardboard. My guests were polite. "
     "I was ashamed. You can do better than that."),
    ("mould", "Two days after opening there was mould on it, and I had kept it in a cool dry place exactly as you say on "
     "the packet. Yuck. I am really disappointed with the quality."),
    ("{product}", "The {product} is not what it used to be. Much too salty, a bitter aftertaste, and the texture is "
     "crumbly. Did you change the recipe? Please change it back."),
    ("A hair!", "there was a HAIR in it. a long black one. we are all blond here. never again from you, that is not how "
     "one makes food"),
    ("Order {order}: not fresh", "What I got with {order} cannot have been fresh. It was dry at the edges and had that "
     "smell of old cupboard. For such a price I expect better goods."),
    ("Sad", "Dear {shop},\n\nmy mother has loved your {product} for twenty years. This batch she would not finish. "
     "\"Somebody cut corners\", she says, and I must agree: it tastes artificial and leaves a film on the tongue."),
    ("Gone off", "The {product} had gone off. It smelled sour before I had even cut the wrapping, and no, it was not the "
     "one that is supposed to smell. Into the bin it went."),
    ("soggy", "all soggy and clumped together, u cant serve that to anybody. used to be so good. what happend"),
    ("Half of it burnt", "Good morning. Half of what was in the packet was burnt, the other half pale. I wonder whether "
     "anyone tastes what you make before it goes out. It is not up to your standard, and I say that as a friend."),
    ("A stone in it", "I bit on a small stone. My tooth is fine, thank heaven, but that must not happen. Please take your "
     "sieve more seriously, this is very poor quality control."),
    ("Not the same any more", "Dear {shop},\n\nsince the summer everything that I had from you has been bland and dry. I "
     "have given it three tries now. The {product} was the last straw: I fed it to the hens."),
)  # fmt: skip

BILLING: tuple[Voice, ...] = (
    ("Charged twice", "Hello,\n\nmy card was charged twice for {order}. The same amount, the same day, two bookings. "
     "Please give me one of them back."),
    ("wrong amount", "hi, on the website it said one price and you took 14 more from my account. nobody asked me. what "
     "is that supposed to be"),
    ("Your invoice", "Dear bookkeeping,\n\nthe invoice that you sent me does not add up. The three lines make one sum, "
     "the total at the bottom says another, and it is the other that you debited. I am not pleased to have to check your "
     "arithmetic."),
    ("Discount not applied", "I typed the discount code, the page said \"thank you\", and you charged the full price "
     "anyway. I feel cheated, to be frank."),
    ("REFUND", "You have owed me a refund since the beginning of last month. I sent the {product} back, you confirmed it "
     "in writing, and there is still nothing on my account. How often do I have to ask for my own money?"),
    ("Reminder for a paid bill", "I just received a payment reminder, with a fee, for a bill that I paid on the day I "
     "got it. I attach nothing, look at your own account. And keep your fee."),
    ("Payment problem", "Your payment page took my money and then said \"failed\". So I paid again. Now I have paid two "
     "times and your hotline says that I must be mistaken. I am not mistaken, I can read a bank statement."),
    ("tax number", "This is the third time that I ask for an invoice with our tax number on it. The third! Without it "
     "I cannot book {order}. Why is it so hard to write a correct bill?"),
    ("subscription??", "i never signed up for a subscription. now you debit me every month?! stop it and pay back what "
     "you took, thats theft"),
    ("A matter of 6.50", "Good day,\n\nit is only 6.50, but it is the principle. The price on the shelf was lower than "
     "what I find on my credit card statement. The young man at the till had no explanation. I should like one."),
    ("Overcharged for the {product}", "You billed me for three of the {product}. I ordered one, I got one, and I shall "
     "pay for one. Correct the invoice, please."),
    ("Gift card ignored", "I had a gift card of 40 and used it, your system even showed it. Still the whole sum was "
     "taken from my card. I am rather cross about it. Where did my 40 go?"),
)  # fmt: skip
