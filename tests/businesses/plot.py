"""Who writes what and when: the mails of a business, and which of them the answer rests on."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from businesses import voices_calm as calm
from businesses import voices_delivery, voices_goods
from businesses.business import Topic
from businesses.cast import Cast, shortened
from businesses.mailbox import Letter, Mailbox
from businesses.questions import Asked
from businesses.tables import Order, Person
from businesses.trades import Trade
from businesses.voices_delivery import Voice

FIRST_DAY, LAST_DAY = 3, 26  # mails keep away from the month's edges: no time zone moves one into another month
CONFIRMATION = "Thank you for your order. It will leave our house within two working days."


@dataclass(frozen=True, slots=True, kw_only=True)
class Grievance:
    """A complaint to be written: by whom, on which day, about what. ``counts``: the answer rests on it."""

    person: Person
    day: date
    topic: Topic
    voice: Voice
    counts: bool = False


@dataclass(slots=True, kw_only=True)
class Plot:
    """Plans the complaints, lets the complainers order in time, then writes every mail into the mailbox."""

    rng: random.Random
    trade: Trade
    asked: Asked
    cast: Cast
    mailbox: Mailbox
    named: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    complainers: list[Person] = field(default_factory=list)
    grievances: list[Grievance] = field(default_factory=list)
    _calm: list[Person] = field(default_factory=list)
    _voices: dict[Topic, list[Voice]] = field(default_factory=dict)

    def plan(self) -> None:
        """Decide who complains when, and place an order some weeks before each complaint."""
        people, rng, topic = list(self.cast.people), self.rng, self.asked.topic
        twin = people.pop()
        take = iter(people)
        for person in self._some(take, rng.randrange(3, 7)):
            self.complainers.append(person)
            self._grieve(person, 0, topic, counts=True)
        self._grieve(rng.choice(self.complainers), 0, topic, counts=True)  # somebody writes twice
        for person in self._some(take, 2):
            self._grieve(person, -1, topic)
        if self.asked.as_of > self._day_of_month(1, FIRST_DAY):
            for person in self._some(take, 2):
                self._grieve(person, 1, topic)
        others: list[Topic] = [t for t in ("delivery", "quality", "billing") if t != topic]
        for n, person in enumerate(self._some(take, 4)):
            self._grieve(person, 0, others[n % 2])
        self._calm = [twin, *take]
        for grievance in self.grievances:
            self.cast.place_order(grievance.person, grievance.day - timedelta(days=rng.randrange(20, 27)))

    def write(self, orders: Sequence[Order]) -> None:
        """Write all mails; order numbers are known now."""
        written = [self._complain(g, orders) for g in self.grievances]
        self._answers(written)
        self._calm_mails()
        self._outside_mails()

    @staticmethod
    def _some(people: Iterator[Person], n: int) -> list[Person]:
        return [next(people) for _ in range(n)]

    def _grieve(self, person: Person, months: int, topic: Topic, *, counts: bool = False) -> None:
        voice = self._voice(topic)
        self.grievances.append(Grievance(person=person, day=self._day(months), topic=topic, voice=voice, counts=counts))

    def _voice(self, topic: Topic) -> Voice:
        """A voice that nobody in this business has used yet."""
        if topic not in self._voices:
            late, other = list(voices_delivery.LATE), list(voices_delivery.OTHER)
            pools: dict[Topic, list[Voice]] = {
                "delivery": late if self.asked.only_late else late + other,
                "quality": list(voices_goods.QUALITY_EDIBLE if self.trade.edible else voices_goods.QUALITY),
                "billing": list(voices_goods.BILLING),
            }
            clear = [v for v in pools[topic] if self.asked.topic != "billing" or topic == "billing" or not _of_money(v)]
            self.rng.shuffle(clear)
            self._voices[topic] = clear
        return self._voices[topic].pop()

    def _day_of_month(self, months: int, day: int) -> date:
        index = self.asked.year * 12 + self.asked.month - 1 + months
        return date(index // 12, index % 12 + 1, day)

    def _day(self, months: int) -> date:
        day = self._day_of_month(months, self.rng.randrange(FIRST_DAY, LAST_DAY + 1))
        if day >= self.asked.as_of:
            day = day.replace(day=self.rng.randrange(FIRST_DAY, self.asked.as_of.day))
        return day

    def _soon_after(self, day: date, days: int) -> date:
        return min(day + timedelta(days=days), self.asked.as_of - timedelta(days=1))

    def _complain(self, grievance: Grievance, orders: Sequence[Order]) -> Letter:
        """Write one complaint about the order before it."""
        rng, person = self.rng, grievance.person
        order = max((o for o in orders if o.buyer == person and o.day < grievance.day), key=lambda o: o.day)
        product = rng.choice(order.items)[0]
        words = {
            "order": order.number,
            "product": shortened(rng, product, self.cast.products),
            "shop": self.trade.shop,
        }
        subject, body = (text.format(**words) for text in grievance.voice)
        if grievance.counts and "{product}" in "".join(grievance.voice):
            self.named[person.email].add(product.name)
        answers_mail = rng.random() < 0.25
        letter = Letter(
            day=grievance.day,
            subject=subject,
            body=body,
            person=person,
            quote=CONFIRMATION if answers_mail else "",
            quote_of=f"{self.trade.shop} <{self.mailbox.address}>" if answers_mail else "",
        )
        self.mailbox.add(letter)
        return letter

    def _answers(self, written: Sequence[Letter]) -> None:
        """The shop answers two complaints; one of an earlier month is settled; one is forwarded by a stranger to it."""
        rng = self.rng
        counted = [n for n, g in enumerate(self.grievances) if g.counts]
        for n, reply in zip(rng.sample(counted, 2), calm.SHOP_REPLIES, strict=True):
            self._shop_answers(self.grievances[n], written[n].body, reply)
        n = next(n for n, g in enumerate(self.grievances) if g.day < self._day_of_month(0, 1))
        old = self.grievances[n]
        self.mailbox.add(
            Letter(
                day=self._day(0),
                subject=written[n].subject,
                body=rng.choice(calm.SETTLED[self.asked.topic]),
                person=old.person,
                quote=written[n].body,
                quote_of=f"On {old.day:%d.%m.%Y}, {old.person.name}",
            )
        )
        subject, body = rng.choice(calm.FORWARDED)
        n = rng.choice(counted)
        writer = self.grievances[n].person
        self.mailbox.add(
            Letter(
                day=self._soon_after(self.grievances[n].day, 2),
                subject=subject,
                body=body,
                person=self._calm[1],
                quote=written[n].body,
                quote_of=f"{writer.name} <{writer.email}>",
            )
        )

    def _shop_answers(self, grievance: Grievance, body: str, reply: str) -> None:
        self.mailbox.add(
            Letter(
                day=self._soon_after(grievance.day, 1),
                subject="Your mail to us",
                body=reply,
                sender=self.trade.shop,
                address=self.mailbox.address,
                to=grievance.person,
                quote=body,
                quote_of=grievance.person.name,
            )
        )

    def _calm_mails(self) -> None:
        """Praise, the first of it by the first complainer's namesake; questions; chatter."""
        topic, rng = self.asked.topic, self.rng
        texts = [
            *rng.sample(calm.PRAISE[topic], 2),
            *rng.sample(calm.QUESTION[topic], 2),
            *rng.sample(calm.CHATTER, 2),
        ]
        writers = [self._calm[0], *self._calm[2:]]
        for n, (subject, body) in enumerate(texts):
            person = writers[n % len(writers)]
            product = shortened(rng, rng.choice(self.cast.products), self.cast.products)
            self.mailbox.add(
                Letter(
                    day=self._day(0),
                    subject=subject.format(product=product, shop=self.trade.shop),
                    body=body.format(product=product, shop=self.trade.shop),
                    person=person,
                )
            )

    def _outside_mails(self) -> None:
        """Mails by people who never ordered, and the shop's own newsletter."""
        for n, (sender, subject, body) in enumerate(calm.OUTSIDER[self.asked.topic]):
            self.mailbox.add(
                Letter(
                    day=self._day(0), subject=subject, body=body, sender=sender, address=f"contact{n}@outside.example"
                )
            )
        subject, body = self.rng.choice(calm.NEWSLETTER)
        words = {"shop": self.trade.shop, "product": self.rng.choice(self.cast.products).name}
        self.mailbox.add(
            Letter(
                day=self._day(0),
                subject=subject.format(**words),
                body=body.format(**words),
                sender=self.trade.shop,
                address=self.mailbox.address,
            )
        )


def _of_money(voice: Voice) -> bool:
    """Whether a complaint about something else also speaks of money: then it might count as one about billing."""
    return any(word in voice[1].lower() for word in (" paid", " pay ", "paying", "money", "fee ", "price"))
