"""Trades, and what their products are called. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """``goods``: what a product is; a line name goes before it. ``edible`` decides which faults it can have."""

    name: str
    shop: str
    goods: tuple[str, ...]
    edible: bool = False


TRADES: tuple[Trade, ...] = (
    Trade(
        name="bicycle shop",
        shop="Freewheel Corner",
        goods=("Touring Saddle", "Chain Oil", "Front Basket", "Pannier Bag", "Track Pump", "Dynamo Lamp", "Cork Grips",
               "Mudguard Set", "Bell", "Cable Lock", "Bottle Cage", "Repair Stand"),
    ),
    Trade(
        name="bakery",
        shop="Oven & Ember",
        goods=("Rye Loaf", "Walnut Baguette", "Cinnamon Twists", "Almond Tart", "Seed Crackers", "Plum Cake",
               "Oat Biscuits", "Sourdough Boule", "Cheese Straws", "Ginger Parkin", "Fig Rolls", "Brioche Plait"),
        edible=True,
    ),
    Trade(
        name="garden centre",
        shop="Spade and Sorrel",
        goods=("Pruning Shears", "Hand Trowel", "Seed Tray", "Bamboo Trellis", "Hose Reel", "Potting Bench",
               "Leaf Rake", "Kneeling Pad", "Cold Frame", "Rain Gauge", "Compost Sieve", "Plant Labels"),
    ),
    Trade(
        name="instrument maker",
        shop="Tallow Street Strings",
        goods=("Tenor Ukulele", "Violin Bow", "Rosin Cake", "Mandolin Strap", "Tuning Fork", "Practice Mute",
               "Cello Case", "Music Stand", "Fiddle Strings", "Lap Harp", "Shoulder Rest", "Metronome"),
    ),
    Trade(
        name="bookbinder",
        shop="Gather & Stitch Bindery",
        goods=("Linen Sketchbook", "Leather Album", "Bone Folder", "Marbled Endpapers", "Guest Book", "Slipcase",
               "Wax Thread", "Press Boards", "Pocket Ledger", "Recipe Folio", "Ribbon Markers", "Awl"),
    ),
    Trade(
        name="pet supplies",
        shop="Whisker Yard",
        goods=("Dog Bed", "Cat Tunnel", "Grooming Brush", "Travel Crate", "Rope Toy", "Water Fountain", "Puzzle Bowl",
               "Reflective Lead", "Scratching Post", "Hamster Wheel", "Rabbit Hutch", "Bird Perch"),
    ),
    Trade(
        name="tea merchant",
        shop="Slow Kettle Teas",
        goods=("Breakfast Blend", "Smoked Oolong", "Jasmine Pearls", "Mint Infusion", "First Flush", "Chai Spice Mix",
               "Rosehip Tisane", "Sencha", "Earl Grey", "Hibiscus Cooler", "White Peony", "Cocoa Rooibos"),
        edible=True,
    ),
    Trade(
        name="toy workshop",
        shop="Top and Tumble Toys",
        goods=("Rocking Horse", "Marble Run", "Stacking Rings", "Puppet Theatre", "Wooden Train", "Skipping Rope",
               "Shape Sorter", "Doll House", "Spinning Top", "Building Blocks", "Balance Bike", "Kite"),
    ),
    Trade(
        name="lighting studio",
        shop="Wick & Filament",
        goods=("Desk Lamp", "Wall Sconce", "Lampshade", "Floor Lantern", "Pendant Cluster", "Dimmer Switch",
               "Reading Light", "Ceiling Rose", "Clip Spot", "Night Light", "Chandelier", "Bulb Set"),
    ),
    Trade(
        name="yarn shop",
        shop="Two Skeins",
        goods=("Merino Skein", "Circular Needles", "Sock Yarn", "Crochet Hook", "Stitch Markers", "Blocking Mats",
               "Yarn Bowl", "Ball Winder", "Alpaca Cone", "Darning Egg", "Project Bag", "Row Counter"),
    ),
    Trade(
        name="camping outfitter",
        shop="Far Ridge Outfitters",
        goods=("Tunnel Tent", "Down Quilt", "Spirit Stove", "Head Torch", "Trekking Poles", "Dry Sack", "Camp Chair",
               "Sleeping Mat", "Water Filter", "Rain Cape", "Enamel Kettle", "Map Case"),
    ),
    Trade(
        name="pen and paper shop",
        shop="Inkwell Passage",
        goods=("Fountain Pen", "Blotter", "Writing Pad", "Desk Diary", "Ink Bottle", "Pencil Roll", "Letter Opener",
               "Correspondence Cards", "Brass Ruler", "Sealing Wax", "Pen Rest", "Document Case"),
    ),
    Trade(
        name="clock shop",
        shop="Half Past Clocks",
        goods=("Mantel Clock", "Cuckoo Clock", "Wall Clock", "Travel Alarm", "Pocket Watch", "Watch Strap",
               "Hourglass", "Kitchen Timer", "Pendulum Kit", "Winding Key", "Glass Dome", "Tower Bell"),
    ),
    Trade(
        name="beekeeping supplier",
        shop="Hive and Heather",
        goods=("Bee Smoker", "Hive Tool", "Honey Extractor", "Veil Hat", "Frame Rack", "Queen Cage", "Uncapping Knife",
               "Feeder Tray", "Leather Gauntlets", "Brood Box", "Settling Tank", "Wax Melter"),
    ),
    Trade(
        name="kitchen shop",
        shop="Ladle Lane",
        goods=("Saute Pan", "Bread Knife", "Mixing Bowl", "Pepper Mill", "Salad Spinner", "Rolling Pin", "Stock Pot",
               "Colander", "Cake Tin", "Measuring Jug", "Butter Dish", "Oven Gloves"),
    ),
    Trade(
        name="cheese dairy",
        shop="Byre Hill Dairy",
        goods=("Ash Goat Cheese", "Blue Wedge", "Smoked Cheddar", "Washed Rind", "Curd Tub", "Truffle Brie",
               "Caraway Gouda", "Sheep Pecorino", "Whey Butter", "Cheese Fudge", "Chilli Halloumi", "Hay Tomme"),
        edible=True,
    ),
    Trade(
        name="shoe workshop",
        shop="Last & Lace",
        goods=("Walking Boots", "Garden Clogs", "Suede Loafers", "Felt Slippers", "Cork Sandals", "Insoles",
               "Shoe Trees", "Leather Balm", "Brogues", "Rain Galoshes", "Ankle Boots", "Boot Jack"),
    ),
    Trade(
        name="sailing chandler",
        shop="Leeward Chandlery",
        goods=("Mooring Line", "Deck Shoes", "Brass Cleat", "Storm Lantern", "Sail Needle Kit", "Bilge Pump",
               "Signal Horn", "Chart Dividers", "Boat Hook", "Fender Pair", "Life Vest", "Rigging Knife"),
    ),
    Trade(
        name="art supplies",
        shop="Umber & Ochre",
        goods=("Watercolour Box", "Sable Brush", "Field Easel", "Charcoal Sticks", "Palette Knife", "Canvas Roll",
               "Gouache Set", "Lino Cutter", "Drawing Board", "Fixative", "Pastel Tray", "Turpentine Pot"),
    ),
    Trade(
        name="bedding maker",
        shop="Eider & Flax",
        goods=("Linen Duvet Cover", "Feather Pillow", "Wool Blanket", "Flannel Sheets", "Mattress Topper",
               "Lavender Sachet", "Bedspread", "Bolster", "Cot Quilt", "Eye Mask", "Pillowcase Pair", "Throw"),
    ),
)  # fmt: skip

LINES: tuple[str, ...] = (
    "Larkspur", "Harrow", "Quillon", "Bramble", "Osprey", "Tansy", "Copperfield", "Mistral", "Juniper", "Kestrel",
    "Saffron", "Hollow Oak", "Nordic", "Pebble", "Calico", "Thistle", "Aurora", "Drumlin", "Marlow", "Sable",
    "Fennel", "Old Mill", "Solstice", "Willow", "Cobalt", "Hazel", "Tundra", "Peregrine", "Amber", "Rowan",
)  # fmt: skip

FIRST_NAMES: tuple[str, ...] = (
    "Agnes", "Bashir", "Carmen", "Dmitri", "Esther", "Fiona", "Gareth", "Hanna", "Ibrahim", "Joanna", "Kwame", "Leonie",
    "Marek", "Nadia", "Olu", "Petra", "Quentin", "Rosa", "Stefan", "Tamsin", "Umar", "Vera", "Wendell", "Ximena",
    "Yusuf", "Zoë", "José", "Łukasz", "Åsa", "Mehmet", "Priscilla", "Hiroshi", "Siobhan", "Anil", "Beatrix", "Callum",
    "Delphine", "Emeka", "Greta", "Henrik", "Ines", "Jamal", "Katya", "Ludovic", "Miriam", "Nikos", "Odette", "Pavel",
    "Ruth", "Sunil", "Theresa", "Viktor",
)  # fmt: skip

LAST_NAMES: tuple[str, ...] = (
    "Abbott", "Bianchi", "Castellanos", "Dunmore", "Eriksen", "Fairweather", "Gallagher", "Hoffmann", "Ivanova",
    "Jansen", "Kowalczyk", "Lindqvist", "Mbeki", "Novak", "Okonkwo", "Pemberton", "Quigley", "Rossi", "Sørensen",
    "Tanaka", "Underhill", "Varga", "Whitlock", "Yamamoto", "Zeller", "Achterberg", "Bellamy", "Corrigan", "Dvořák",
    "Ellery", "Fonseca", "Grimaldi", "Hathaway", "Ishikawa", "Joubert", "Kerrigan", "Lowell", "Marchetti", "Nyström",
    "Ostrander", "Petrov", "Rutherford", "Schneider", "Thackeray", "Ueda", "Vasquez", "Weatherby", "Xanthos",
    "Yilmaz", "Zimmer",
)  # fmt: skip

CITIES: tuple[str, ...] = (
    "Leeds", "Ghent", "Porto", "Galway", "Bergen", "Turin", "Lyon", "Aarhus", "Krakow", "Bristol", "Basel", "Toledo",
    "Graz", "Cork", "Utrecht", "Dundee",
)  # fmt: skip
