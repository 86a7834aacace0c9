"""The ``retrieval`` actor: a tenant's searches and set questions, read-only and side by side.

Promise: who may see what is decided here, by the principal that every message carries, and never by the message.

Held by tests/unit/actors/retrieval/test_retrieval_actor.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from actors.audience import Audience, audience_of
from actors.messages import AskSet, Found, Search, SetAnswer
from runtime.actor import Actor, ActorContext, Turn, handles


class RetrievalActor(Actor):
    """``search`` and ``ask_set`` are bound to this actor's tenant by the composition root."""

    def __init__(
        self,
        context: ActorContext,
        *,
        search: Callable[[Search, Audience], Awaitable[Found]],
        ask_set: Callable[[AskSet], Awaitable[SetAnswer]],
    ) -> None:
        super().__init__(context)
        self._search = search
        self._ask_set = ask_set

    @handles(Search, read_only=True)
    async def search(self, turn: Turn, message: Search) -> Found:
        return await self._search(message, audience_of(turn.principal))

    @handles(AskSet, read_only=True)
    async def ask_set(self, turn: Turn, message: AskSet) -> SetAnswer:
        if audience_of(turn.principal) is not Audience.STAFF:
            return SetAnswer(planned=False)  # a set answer lists the business's customers
        return await self._ask_set(message)
