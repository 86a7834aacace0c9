"""Questions about the sample business with their right answers, computed from the same tables as the files."""

from __future__ import annotations

from sample_source.trade import CUSTOMERS, order_lines

AS_OF = "2026-07-15"

# question, the file that must be cited, words that the answer must hold
DOCUMENT_QUESTIONS: list[tuple[str, str, list[str]]] = [
    ("How much does express shipping cost?", "policies/shipping.pdf", ["240"]),
    ("How many days does standard shipping take within Tamil Nadu?", "policies/shipping.pdf", ["two to", "four"]),
    ("Can I still change my delivery address after the parcel has left?", "policies/shipping.pdf", ["60"]),
    ("How long is the warranty on lamps and lighting?", "policies/warranty.pdf", ["24 months"]),
    ("Is the darkening of brass covered by the warranty?", "policies/warranty.pdf", ["not covered"]),
    ("Within how many days can I return something that I have not used?", "policies/returns.docx", ["30 days"]),
    ("How soon do I get my money back if I paid with UPI?", "policies/returns.docx", ["one day"]),
    ("How long is a gift card valid?", "policies/gift-cards.docx", ["18 months"]),
    ("Until what time is the shop open on Saturdays?", "policies/opening-hours.md", ["20:30"]),
    ("For how many years do you keep invoices?", "policies/privacy.md", ["eight years"]),
    ("At what temperature should I season the cast iron pan?", "policies/care-guide.md", ["220"]),
    ("What discount do hotels get for 100 pieces of one product?", "policies/wholesale.md", ["18 per cent"]),
    ("How many leaves do I need for a discount in the Neem Circle?", "policies/neem-circle.md", ["40 leaves"]),
]

DECLINED: list[str] = [
    "What is the monthly salary of a workshop assistant?",
    "Do you rent out bicycles by the hour?",
    "Who won the cricket match in Chennai yesterday?",
]

# e-mail → products that the complaint itself names
JUNE_DELIVERY = {
    "ananya.raghavan@example.com": ["Copper Watering Can"],
    "tkurien@example.net": ["Bookworm Reading Stand"],
    "farah.siddiqui@example.com": [],
    "devika@example.org": [],
    "rohan.d@example.com": ["Madras Filter Coffee Set"],
}
JUNE_QUALITY = {
    "vikram.iyer@example.com": ["Lantern Moth Table Lamp"],
    "sunita.pillai@example.net": ["Sea Salt Bath Towel"],
}
JUNE_BILLING: dict[str, list[str]] = {"meera.nair@example.org": [], "arjun.verma@example.com": []}


def _customers(complaints: dict[str, list[str]]) -> list[dict[str, object]]:
    names = {c[1]: c[0] for c in CUSTOMERS}
    return [
        {
            "name": names[email],
            "email": email,
            "products": list(dict.fromkeys(x.product for x in order_lines() if x.email == email)),
            "named": named,
        }
        for email, named in complaints.items()
    ]


def _orders(**where: str) -> list[str]:
    lines = order_lines()
    return list(dict.fromkeys(x.order_id for x in lines if all(getattr(x, k) == v for k, v in where.items())))


def questions() -> dict[str, object]:
    """What ``questions.json`` holds."""
    june_chennai = {x.order_id for x in order_lines() if x.city == "Chennai" and x.day.startswith("2026-06")}
    sets: list[dict[str, object]] = [
        {
            "id": "set-delivery",
            "question": "Which customers complained about delivery last month and what products did they order?",
            "customers": _customers(JUNE_DELIVERY),
        },
        {
            "id": "set-quality",
            "question": "Who complained about the quality of our products in June 2026, and what had they ordered?",
            "customers": _customers(JUNE_QUALITY),
        },
        {
            "id": "set-billing",
            "question": "Which customers complained about billing last month?",
            "customers": [{"name": c["name"], "email": c["email"]} for c in _customers(JUNE_BILLING)],
        },
        {
            "id": "set-chennai",
            "question": "How many orders were placed from Chennai in June 2026?",
            "count": len(june_chennai),
            "orders": sorted(june_chennai),
        },
        {
            "id": "set-watering-can",
            "question": "Which orders include the Copper Watering Can?",
            "orders": _orders(product="Copper Watering Can"),
        },
        {
            "id": "set-processing",
            "question": "Which orders have the status processing?",
            "orders": _orders(status="processing"),
        },
        {
            "id": "set-kochi",
            "question": "How many customers live in Kochi?",
            "count": sum(c[2] == "Kochi" for c in CUSTOMERS),
        },
    ]
    return {
        "as_of": AS_OF,
        "document_questions": [
            {"id": f"doc-{n:02d}", "question": q, "file": f, "answer_contains": w}
            for n, (q, f, w) in enumerate(DOCUMENT_QUESTIONS, 1)
        ],
        "declined": [{"id": f"decline-{n}", "question": q} for n, q in enumerate(DECLINED, 1)],
        "set_questions": [{"as_of": AS_OF, **s} for s in sets],
    }
