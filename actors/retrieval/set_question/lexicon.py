"""General English of set questions: words for people, orders, products and mails, and how a question is put.

Owns word lists only; nothing in here comes from any tenant or data set.
"""

from __future__ import annotations


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


PERSON_NOUNS = _set(
    "customer client buyer shopper person people purchaser consumer patron guest member subscriber user somebody "
    "someone anybody anyone everybody everyone folk individual household account-holder caller sender complainant "
    "correspondent visitor patient student participant passenger diner tenant donor reader"
)
ORDER_NOUNS = _set("order purchase sale transaction booking invoice receipt basket cart rental")
LINE_NOUNS = _set("line item position detail entry row content")
PRODUCT_NOUNS = _set(
    "product item article good goods merchandise thing stuff ware sku piece something anything everything dish title "
    "variant part"
)
PRODUCT_TYPES = PRODUCT_NOUNS | _set("catalogue catalog assortment stock inventory range menu price pricelist offer")
MAIL_NOUNS = _set("mail email e-mail message letter mails")
COMPLAINT_NOUNS = _set("complaint grievance")
STAFF_WORDS = _set(
    "agent rep representative sales seller staff employee handler handled assigned assignee manager owner supplier "
    "vendor courier driver support created updated cc bcc reply internal approver packer picker"
)

ORDER_VERBS = _set(
    "order ordered ordering orders buy buys bought buying purchase purchased purchasing purchases acquire acquired get "
    "got gotten place placed placing rent rented own owned book booked"
)

# Words that carry no condition of their own.
FUNCTION_WORDS = _set(
    "which what who whom whose how many much list show me give us tell name names find the a an of to in on at by for "
    "from with within and or all any each every their theirs they them those these this that there is are was were be "
    "been being did do does done has have had our ours we also as well along together plus including include included "
    "then it its such one ones both number count different distinct unique respective respectively out same "
    "overall altogether total so far ever already identify display return-list please addresses address "
    "contain contained containing made make make-up up per during when where appear appears appeared belong belongs "
    "belonged belonging through via get got place ours he she him her his hers here just exactly actually currently "
    "quite only too history histories complete full entire sent send wrote written submitted received receive "
    "came come exist exists see look up know let want need like would could can will might you"
)
# "you" and the auxiliaries above count only in the polite beginning; see reading.POLITE.
NOT_OUTSIDE_POLITE = _set("you can could will would might need want like know let see look")

# A set question never has these: they ask for sums, ranks, reasons, contrasts or advice.
OUT_OF_REACH = _set(
    "why average mean median sum revenue turnover profit percent percentage share ratio most least highest lowest top "
    "best worst cheapest biggest largest smallest oldest newest latest earliest first compare compared versus than "
    "trend correlation not never without except neither nor no none haven't hasn't didn't don't isn't aren't wasn't "
    "weren't i my mine your yours should recommend suggest if"
)

PROBLEM_WORDS = _set(
    "problem issue trouble complaint complaints delay delayed late lost missing damaged damage broken wrong slow bad "
    "poor faulty defective rude failed missed dirty difficulty fault defect mistake error bother hassle concern "
    "annoyance grievance mishap failure overdue"
)
PROBLEM_NOUNS = _set("problem issue trouble complaint difficulty concern grievance hassle annoyance experience")


def singular(word: str) -> str:
    """An English noun's singular, good enough to compare words."""
    if word in ("people", "goods", "series", "is", "was", "has", "this", "us"):
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def words_of(name: str) -> tuple[str, ...]:
    """The words of a type's or column's name, each in singular: "order_items" is ("order", "item")."""
    return tuple(singular(word) for word in name.casefold().replace("-", "_").replace(" ", "_").split("_") if word)
