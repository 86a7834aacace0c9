"""Which questions are planned, as what, and which never are."""

from __future__ import annotations

from datetime import date

import pytest

from actors.ports import Catalogue
from actors.retrieval.set_question.plan import plan
from actors.retrieval.set_question.predicate import narrowed_topics
from actors.retrieval.set_question.query import DateFilter, SetQuery, ValueFilter
from actors.retrieval.set_question.reading import read_question
from actors.retrieval.set_question.schema import read_schema
from actors.retrieval.set_question.set_questions import own_words
from tests.unit.actors.retrieval.set_question.catalogues import ledger, only_orders, shop

AS_OF = date(2026, 5, 15)


def planned(question: str, catalogue: Catalogue | None = None, values: tuple[ValueFilter, ...] = ()) -> SetQuery | None:
    schema = read_schema(catalogue or shop())
    shape = read_question(question, AS_OF, own_words(schema))
    if shape is None or (shape.open and not values):
        return None
    return plan(shape, schema, values)


ABOUT_DELIVERY = [
    "Which customers complained about delivery last month and what products did they order?",
    "Who complained about late deliveries last month, and what had they bought?",
    "Last month, which clients were unhappy with shipping? List what they purchased.",
    "What did the customers who complained about delivery last month order?",
    "Show me the products ordered by customers who complained about delivery last month.",
    "Can you tell me which buyers had delivery problems last month and which items were in their orders?",
    "Please list everyone who grumbled about our courier last month together with everything they ordered.",
    "Which of our clients reported late parcels last month? What had each of them ordered?",
    "Give me the names of all customers who raised an issue with delivery last month and the products they bought",
    "Last month, who told us that their parcel was late and what did they buy?",
    "Whose parcels arrived late last month, and which articles did they order?",
]


@pytest.mark.parametrize("catalogue", [shop, ledger, only_orders])
@pytest.mark.parametrize("question", ABOUT_DELIVERY)
def test_a_complaint_question_is_planned_over_mails_orders_and_products(question: str, catalogue: object) -> None:
    query = planned(question, catalogue())  # type: ignore[operator]
    assert query is not None
    assert query.text is not None
    assert query.text.intent == "complain"
    assert narrowed_topics(query.text.topic, query.text.intent) == ("delivery",)
    assert query.target.role == "person"
    assert query.projection is not None
    assert query.projection.role == "product"
    [when] = [f for f in query.filters if isinstance(f, DateFilter)]
    assert (when.type, when.range.first, when.range.last) == ("mail", date(2026, 4, 1), date(2026, 4, 30))
    assert query.path


@pytest.mark.parametrize(
    "question",
    [
        "What is your return policy?",
        "How many days do I have to return an item?",
        "What products do you sell?",
        "When will my order arrive?",
        "How do I complain about delivery?",
        "What happens if customers complain about delivery?",
        "What should I do if my delivery is late?",
        "Which customers have never ordered?",
        "What is the most expensive product?",
        "What was our total revenue last month?",
        "Why did customers complain about delivery last month?",
        "Do you deliver on Saturdays?",
        "Who is the owner?",
        "Who are you?",
        "Can customers return sale items?",
        "Which items can be returned?",
        "Which products are on sale?",
        "Where is my parcel?",
        "Thank you, that is all.",
        "I want to complain about my order",
        "List",
        "",
    ],
)
def test_other_questions_are_left_to_ordinary_retrieval(question: str) -> None:
    assert planned(question) is None


def test_a_date_behind_the_ordering_narrows_the_orders() -> None:
    query = planned("Which customers complained about delivery in March and what did they order in April?")
    assert query is not None
    assert query.projection is not None
    assert query.projection.dates is not None
    assert (query.projection.dates.column, query.projection.dates.range.first) == ("placed_on", date(2026, 4, 1))
    [when] = [f for f in query.filters if isinstance(f, DateFilter)]
    assert when.range.first == date(2026, 3, 1)


def test_how_many_counts_people_or_complaints() -> None:
    people = planned("How many customers complained about delivery in March?")
    mails = planned("How many complaints about billing did we get in March?")
    assert people is not None
    assert mails is not None
    assert (people.aim, people.target.role, people.projection) == ("count", "person", None)
    assert (mails.aim, mails.target.role, mails.projection) == ("count", "mail", None)
    assert mails.date_of("mail") is not None


def test_orders_are_listed_by_person_and_date() -> None:
    person = ValueFilter(type="person", column="name", value="Anna Berg", entity_ids=("email:anna@example.com",))
    query = planned("Which orders were placed by Anna Berg last week?", values=(person,))
    assert query is not None
    assert query.target.role == "order"
    [when] = [f for f in query.filters if isinstance(f, DateFilter)]
    assert (when.type, when.column, when.range.first) == ("order", "placed_on", date(2026, 5, 4))
    assert person in query.filters


def test_products_are_listed_by_person() -> None:
    person = ValueFilter(type="person", column="name", value="Anna Berg", entity_ids=("email:anna@example.com",))
    query = planned("Which products did Anna Berg order?", values=(person,))
    assert query is not None
    assert query.target.role == "product"
    assert query.path


def test_a_plain_list_needs_to_be_asked_for() -> None:
    assert planned("List all products") is not None
    assert planned("How many orders were placed in March?") is not None
    assert planned("Which products?") is None


def test_nothing_about_mails_is_planned_where_there_are_none() -> None:
    full = shop()
    bare = Catalogue(types=[t for t in full.types if t.name != "mail"], joins=full.joins)
    assert planned("Which customers complained about delivery last month?", bare) is None


def test_the_plan_reads_as_words() -> None:
    query = planned("Which customers complained about delivery last month and what products did they order?")
    assert str(query) == (
        "list person (client), via mail -from- person; person -buyer_mail- order; person -email- client; "
        "client -buyer_mail- order; order -article- product, where mail.date between 1 April 2026 and 30 April 2026 "
        "and mail says complain(delivery), with each one's products"
    )
