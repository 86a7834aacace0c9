"""The door to set questions of one tenant: is this one, and what is its complete answer?

Promises: what is no set question, or fits nothing that the tenant has, is ``planned=False`` (ordinary retrieval
answers it); reads only; without a language model.

Held by tests/unit/actors/retrieval/set_question/test_plan.py and tests/integration/test_set_question.py.
"""

from __future__ import annotations

from actors.dates import as_of_day
from actors.messages import AskSet, SetAnswer
from actors.ports import Embedder, GraphStore, Library, Reranker, VectorStore
from actors.retrieval.set_question.answer import rows_of, unsure_of, write
from actors.retrieval.set_question.execute import Executor
from actors.retrieval.set_question.judge import Judge
from actors.retrieval.set_question.lexicon import words_of
from actors.retrieval.set_question.linker import Linker
from actors.retrieval.set_question.people import People
from actors.retrieval.set_question.plan import plan
from actors.retrieval.set_question.purchases import Purchases
from actors.retrieval.set_question.quoting import Quoter
from actors.retrieval.set_question.reading import read_question
from actors.retrieval.set_question.schema import MAIL, Schema, read_schema
from actors.retrieval.set_question.walk import Budget, Walker
from runtime.clock import Clock

_NOT_PLANNED = SetAnswer(planned=False)


class SetQuestions:
    """Answers set questions of one tenant.

    ``judge`` may be shared by all tenants of a process (it knows no tenant); without one, this makes its own.
    ``reranker`` is not needed by the present judge and kept for one that is better with it.
    """

    def __init__(
        self,
        graph: GraphStore,
        vectors: VectorStore,
        library: Library,
        embedder: Embedder,
        reranker: Reranker | None,
        clock: Clock,
        *,
        judge: Judge | None = None,
    ) -> None:
        self._graph = graph
        self._vectors = vectors
        self._library = library
        self._clock = clock
        self._judge = judge or Judge(embedder)

    async def answer(self, ask: AskSet) -> SetAnswer:
        """Plan and run, or say that this is no set question. Raises Invalid where ``as_of`` is no date."""
        as_of = as_of_day(ask.as_of, self._clock.now())
        if read_question(ask.question, as_of) is None:
            return _NOT_PLANNED  # the common case costs no I/O
        catalogue = await self._library.catalogue()
        if not catalogue.types:
            return _NOT_PLANNED
        schema = read_schema(catalogue)
        shape = read_question(ask.question, as_of, own_words(schema))
        if shape is None or (shape.said is not None and not schema.has_mail):
            return _NOT_PLANNED
        live = dict(await self._library.live())
        budget = Budget()
        walker = Walker(self._graph, live, budget)
        people, purchases = People(walker, schema), Purchases(walker, schema)
        linker = Linker(walker, schema, people, purchases)
        if plan(shape, schema, ()) is None and not shape.open:
            return _NOT_PLANNED
        values = await linker.link(shape)
        if values is None:
            return _NOT_PLANNED
        query = plan(shape, schema, values, await linker.about(shape) or ())
        if query is None:
            return _NOT_PLANNED
        result = await Executor(walker, schema, people, purchases, self._judge, budget).run(query)
        answer = await write(result, Quoter(self._vectors, live))
        return SetAnswer(planned=True, answer=answer, plan=str(query), unsure=unsure_of(result), rows=rows_of(result))


def own_words(schema: Schema) -> frozenset[str]:
    """The words of the tenant's own types and columns, which a question may use."""
    names = [s.name for s in schema.sources.values() if s.name != MAIL]
    names += [c for s in schema.sources.values() if s.name != MAIL for c in s.columns]
    return frozenset(word for name in names for word in words_of(name) if len(word) > 2)
