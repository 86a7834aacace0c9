"""Products, customers and orders of the invented shop Neem Lane Home.

Orders that the questions depend on are pinned by hand; the rest are drawn from a fixed seed, so that every build is
the same. An order with several products has one line per product, as a shop system would export it.
"""

# ruff: noqa: E501
from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

SHOP = "Neem Lane Home"
SHOP_ADDRESS = "hello@neemlane.example"

Product = tuple[str, str, str, int, int, str]  # sku, name, category, price in rupees, stock, description

PRODUCTS: list[Product] = [
    ("NLK01", "Madras Filter Coffee Set", "Kitchen", 1450, 34, "Two-tier brass drip filter with a dabarah and tumbler; brews 200 ml."),
    ("NLK02", "Kaveri Brass Tumbler Pair", "Kitchen", 890, 51, "Two hammered brass tumblers, tin-lined, 180 ml each."),
    ("NLK03", "Pepper Vine Spice Box", "Kitchen", 1650, 18, "Round steel box with seven bowls and a clear lid carved with a pepper vine."),
    ("NLK04", "Monsoon Stoneware Mug", "Kitchen", 420, 96, "Wheel-thrown mug with a grey rain glaze, 300 ml, safe in the dishwasher."),
    ("NLK05", "Palmyra Chopping Board", "Kitchen", 980, 27, "End-grain board of palmyra wood, 38 by 26 cm, oiled by hand."),
    ("NLK06", "Cast Iron Dosa Pan", "Kitchen", 1890, 22, "28 cm flat pan, seasoned three times with sesame oil."),
    ("NLK07", "Tamarind Wood Ladle Set", "Kitchen", 640, 40, "Four ladles of tamarind wood with a hanging loop."),
    ("NLL01", "Lantern Moth Table Lamp", "Lighting", 3200, 9, "Table lamp with a paper shade cut like moth wings; E14 bulb, 40 W at most."),
    ("NLL02", "Cane Dome Pendant Light", "Lighting", 4100, 7, "Woven cane pendant, 45 cm across, with 1.5 m of cloth cable."),
    ("NLL03", "Beeswax Pillar Candle Trio", "Lighting", 560, 63, "Three candles of pure beeswax; each burns for about 30 hours."),
    ("NLL04", "Firefly String Lights", "Lighting", 750, 48, "Ten metres of copper wire with 100 warm white points, USB powered."),
    ("NLT01", "Indigo Block Print Quilt", "Textiles", 5200, 11, "Double quilt, cotton filled, printed by hand with natural indigo."),
    ("NLT02", "Sea Salt Bath Towel", "Textiles", 780, 70, "Waffle cotton towel, 70 by 140 cm, in three greys."),
    ("NLT03", "Jasmine Linen Napkins", "Textiles", 990, 36, "Six napkins of washed linen with a jasmine border."),
    ("NLT04", "Coir Welcome Mat", "Textiles", 650, 44, "Thick coconut fibre mat, 75 by 45 cm, rubber backed."),
    ("NLT05", "Kolam Cotton Cushion", "Textiles", 870, 39, "Cushion with an embroidered kolam, 45 by 45 cm, filling included."),
    ("NLT06", "Handloom Striped Rug", "Textiles", 6400, 5, "Flat-woven wool rug, 120 by 180 cm, reversible."),
    ("NLG01", "Terracotta Herb Planter", "Garden", 720, 58, "Long planter for three herbs with a saucer."),
    ("NLG02", "Copper Watering Can", "Garden", 2100, 14, "Two-litre can with a long spout and a fine rose."),
    ("NLG03", "Balcony Bird Feeder", "Garden", 940, 25, "Clay feeder with a rope; holds half a kilo of seed."),
    ("NLG04", "Rain Chain Bell", "Garden", 1350, 16, "Bronze bell chain that leads rain from the gutter, 2 m."),
    ("NLS01", "Banana Fibre Storage Basket", "Storage", 1180, 30, "Lidded basket, 35 cm high, woven of banana fibre."),
    ("NLS02", "Teak Hook Rail", "Storage", 1540, 19, "Wall rail of reclaimed teak with five brass hooks, 60 cm."),
    ("NLS03", "Bookworm Reading Stand", "Storage", 1290, 21, "Folding mango wood stand for a book or a tablet."),
    ("NLS04", "Letterpress Notebook", "Storage", 380, 120, "A5 notebook, 160 pages of cotton paper, cover printed by letterpress."),
]  # fmt: skip

Customer = tuple[str, str, str, str]  # name, e-mail, city, customer since

CUSTOMERS: list[Customer] = [
    ("Ananya Raghavan", "ananya.raghavan@example.com", "Chennai", "2025-03-11"),
    ("Ananya Bose", "ananya.bose@example.org", "Kolkata", "2025-11-02"),
    ("Thomas Kurien", "tkurien@example.net", "Kochi", "2024-08-19"),
    ("Farah Siddiqui", "farah.siddiqui@example.com", "Hyderabad", "2025-06-30"),
    ("Devika Menon", "devika@example.org", "Bengaluru", "2025-01-15"),
    ("Rohan Deshpande", "rohan.d@example.com", "Pune", "2026-02-06"),
    ("Kabir Sethi", "kabir.sethi@example.net", "Delhi", "2025-09-21"),
    ("Lakshmi Subramanian", "lakshmi.s@example.com", "Chennai", "2024-05-27"),
    ("Nikhil Rao", "nikhil.rao@example.org", "Mysuru", "2026-03-18"),
    ("Vikram Iyer", "vikram.iyer@example.com", "Chennai", "2025-07-08"),
    ("Sunita Pillai", "sunita.pillai@example.net", "Thiruvananthapuram", "2025-10-13"),
    ("Joseph Fernandes", "jo.fernandes@example.com", "Panaji", "2024-12-01"),
    ("Meera Nair", "meera.nair@example.org", "Kochi", "2025-04-22"),
    ("Arjun Verma", "arjun.verma@example.com", "Jaipur", "2026-01-09"),
    ("Priya Chandran", "priya.chandran@example.net", "Coimbatore", "2025-02-28"),
    ("Harish Gowda", "harish.gowda@example.com", "Bengaluru", "2024-10-10"),
    ("Zoya Khan", "zoya.khan@example.org", "Mumbai", "2026-04-03"),
    ("Kavitha Ramesh", "kavitha.ramesh@example.com", "Chennai", "2025-08-16"),
    ("Sanjay Kulkarni", "sanjay.k@example.net", "Pune", "2025-05-05"),
    ("Elena D'Souza", "elena.dsouza@example.com", "Mangaluru", "2026-02-14"),
    ("Murugan Selvam", "murugan.selvam@example.org", "Madurai", "2024-07-23"),
    ("Ritu Malhotra", "ritu.malhotra@example.com", "Delhi", "2025-12-19"),
    ("Gopal Krishnan", "gopal.krishnan@example.net", "Chennai", "2024-03-30"),
    ("Nandini Sharma", "nandini.sharma@example.com", "Puducherry", "2025-03-04"),
]

# customer e-mail, order date, [(sku, quantity), ...], status
Pinned = tuple[str, str, list[tuple[str, int]], str]

PINNED: list[Pinned] = [
    ("ananya.raghavan@example.com", "2026-02-21", [("NLK04", 4)], "delivered"),
    ("ananya.raghavan@example.com", "2026-05-29", [("NLG02", 1), ("NLG01", 2)], "delivered"),
    ("ananya.bose@example.org", "2026-06-08", [("NLT05", 2)], "delivered"),
    ("tkurien@example.net", "2026-03-12", [("NLK06", 1)], "delivered"),
    ("tkurien@example.net", "2026-06-03", [("NLS03", 1)], "shipped"),
    ("farah.siddiqui@example.com", "2026-06-05", [("NLT01", 1)], "delivered"),
    ("devika@example.org", "2026-04-17", [("NLL04", 1), ("NLL03", 2)], "delivered"),
    ("devika@example.org", "2026-06-11", [("NLL02", 1)], "delivered"),
    ("rohan.d@example.com", "2026-02-06", [("NLS04", 3)], "delivered"),
    ("rohan.d@example.com", "2026-05-25", [("NLK01", 1), ("NLK02", 1)], "delivered"),
    ("kabir.sethi@example.net", "2026-05-06", [("NLT04", 1)], "delivered"),
    ("lakshmi.s@example.com", "2026-05-14", [("NLK03", 1)], "delivered"),
    ("lakshmi.s@example.com", "2026-06-19", [("NLK07", 1)], "delivered"),
    ("nikhil.rao@example.org", "2026-06-24", [("NLG03", 1)], "shipped"),
    ("vikram.iyer@example.com", "2026-05-30", [("NLL01", 1)], "delivered"),
    ("vikram.iyer@example.com", "2026-03-03", [("NLG04", 1)], "delivered"),
    ("sunita.pillai@example.net", "2026-06-02", [("NLT02", 4)], "delivered"),
    ("jo.fernandes@example.com", "2026-04-28", [("NLK04", 2)], "returned"),
    ("meera.nair@example.org", "2026-06-13", [("NLK02", 2)], "delivered"),
    ("arjun.verma@example.com", "2026-06-10", [("NLT06", 1)], "delivered"),
    ("arjun.verma@example.com", "2026-04-09", [("NLS02", 1)], "delivered"),
    ("priya.chandran@example.net", "2026-06-18", [("NLK05", 1)], "returned"),
    ("harish.gowda@example.com", "2026-06-15", [("NLS01", 2)], "delivered"),
    ("zoya.khan@example.org", "2026-04-03", [("NLL03", 1)], "delivered"),
    ("kavitha.ramesh@example.com", "2026-06-22", [("NLT03", 1)], "delivered"),
    ("gopal.krishnan@example.net", "2026-06-16", [("NLK01", 1)], "delivered"),
    ("ritu.malhotra@example.com", "2026-07-10", [("NLG02", 1)], "processing"),
    ("murugan.selvam@example.org", "2026-07-12", [("NLS01", 1), ("NLS04", 2)], "processing"),
    ("nandini.sharma@example.com", "2026-07-13", [("NLT05", 1)], "processing"),
]

# Whom the filler may give more orders to: people whose products no question pins.
FILLER = [
    "harish.gowda@example.com", "zoya.khan@example.org", "kavitha.ramesh@example.com", "sanjay.k@example.net",
    "elena.dsouza@example.com", "murugan.selvam@example.org", "ritu.malhotra@example.com",
    "gopal.krishnan@example.net", "nandini.sharma@example.com", "meera.nair@example.org", "priya.chandran@example.net",
    "lakshmi.s@example.com",
]  # fmt: skip
ORDERS = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One product of one order, as a row of orders.csv."""

    order_id: str
    day: str
    email: str
    city: str
    sku: str
    quantity: int
    status: str

    @property
    def product(self) -> str:
        return next(p[1] for p in PRODUCTS if p[0] == self.sku)

    @property
    def total(self) -> int:
        return self.quantity * next(p[3] for p in PRODUCTS if p[0] == self.sku)


def order_lines() -> list[Line]:
    """All lines in order of date; order numbers rise with the date."""
    rng = random.Random(4107)
    orders = list(PINNED)
    first, days = date(2026, 1, 19), 160
    skus = [p[0] for p in PRODUCTS if p[0] != "NLG02"]
    while len(orders) < ORDERS:
        day = first + timedelta(days=int(rng.random() * days))
        wanted = [skus[int(rng.random() * len(skus))] for _ in range(1 + int(rng.random() * 1.6))]
        items = [(sku, 1 + int(rng.random() * 2)) for sku in dict.fromkeys(wanted)]
        who = FILLER[int(rng.random() * len(FILLER))]
        orders.append((who, day.isoformat(), items, "returned" if rng.random() < 0.06 else "delivered"))
    orders.sort(key=lambda o: (o[1], o[0]))
    city = {c[1]: c[2] for c in CUSTOMERS}
    return [
        Line(f"NL-{2040 + n}", day, who, city[who], sku, quantity, status)
        for n, (who, day, items, status) in enumerate(orders)
        for sku, quantity in items
    ]


def order_of(email: str, day: str) -> str:
    """The number of the order that this customer placed on this day."""
    return next(line.order_id for line in order_lines() if line.email == email and line.day == day)
