"""The mailbox against a model that is too simple to be wrong: lists, searched from the front."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from runtime.mailbox import SHARES, Mailbox
from runtime.message import Tier


@dataclass(eq=False)
class Letter:
    tier: Tier
    read_only: bool
    kept: bool
    sibling: bool = False


class MailboxModel(RuleBasedStateMachine):
    """Whatever is done to a mailbox, it holds what the model holds and starts what the model would start."""

    @initialize(capacity=st.integers(1, 12), readers=st.integers(1, 3))
    def make(self, capacity: int, readers: int) -> None:
        self.capacity, self.readers = capacity, readers
        self.mailbox: Mailbox[Letter] = Mailbox(capacity=capacity, readers=readers)
        self.waiting: list[Letter] = []
        self.running: list[Letter] = []
        self.reserved = 0

    @rule(tier=st.sampled_from(Tier))
    def reserve(self, tier: Tier) -> None:
        room = len(self.waiting) + self.reserved < self.capacity * SHARES[tier]
        assert self.mailbox.has_room(tier) == room
        assert self.mailbox.reserve(tier) == room
        self.reserved += room

    @precondition(lambda self: self.reserved)
    @rule(arrives=st.booleans(), tier=st.sampled_from(Tier), read_only=st.booleans(), kept=st.booleans())
    def release(self, arrives: bool, tier: Tier, read_only: bool, kept: bool) -> None:
        self.mailbox.release()
        self.reserved -= 1
        if arrives:
            letter = Letter(tier, read_only, kept)
            self.mailbox.put(letter)
            self.waiting.append(letter)

    @rule()
    def take(self) -> None:
        taken = self.mailbox.take()
        assert taken is self._next()
        if taken is not None:
            self.waiting.remove(taken)
            self.running.append(taken)

    @precondition(lambda self: self.running)
    @rule(which=st.integers(0, 10))
    def finish(self, which: int) -> None:
        self.mailbox.finished(self.running.pop(which % len(self.running)))

    @rule()
    def clear(self) -> None:
        gone = self.mailbox.clear(keep=lambda letter: letter.kept)
        assert gone == sorted((letter for letter in self.waiting if not letter.kept), key=lambda letter: letter.tier)
        self.waiting = [letter for letter in self.waiting if letter.kept]

    @invariant()
    def counts_agree(self) -> None:
        assert len(self.mailbox) == len(self.waiting) <= self.capacity
        assert self.mailbox.running == len(self.running)
        assert self.mailbox.idle == (not self.waiting and not self.reserved and not self.running)

    @invariant()
    def an_exclusive_turn_is_alone_and_readers_are_few(self) -> None:
        assert len(self.running) <= 1 or all(letter.read_only for letter in self.running)
        assert len(self.running) <= self.readers

    def _next(self) -> Letter | None:
        """The first of the most urgent, if it may start beside what runs; nothing overtakes it."""
        if not self.waiting:
            return None
        first = min(self.waiting, key=lambda letter: letter.tier)
        if any(not letter.read_only for letter in self.running):
            return None
        room = len(self.running) < self.readers if first.read_only else not self.running
        return first if room else None


TestTheMailboxDoesWhatItsModelDoes = MailboxModel.TestCase
TestTheMailboxDoesWhatItsModelDoes.settings = settings(max_examples=150, stateful_step_count=40)
