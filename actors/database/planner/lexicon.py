"""The words of the grammar: what each phrase does in a question, whatever the database is about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """``what``: its part in the grammar. ``value``: which of its kind. ``hints``: columns it speaks of by itself."""

    what: str
    value: str = ""
    hints: tuple[str, ...] = ()


def _table() -> dict[tuple[str, ...], Phrase]:
    told: dict[tuple[str, ...], Phrase] = {}

    def say(what: str, value: str, phrases: str, *hints: str) -> None:
        for phrase in phrases.split("|"):
            told[tuple(phrase.strip().split())] = Phrase(what, value, hints)

    say(
        "filler",
        "",
        "the|a|an|all|all of|our|my|please|do we have|are there|is there|there|we have|we|do|does|did|can you|"
        "could you|me|us|i|in total|in the database|currently|different kinds of|this|those|these|them|their|its|his|"
        "her|it|they|some|also|information on",
    )
    say(
        "ask",
        "",
        "show|list|find|find out|give|give me|tell me|return|what|what is|what are|what was|what were|which|who|"
        "who is|who are|get|display|report|what's|select|show me|provide|what is the value of",
    )
    say("be", "", "is|are|was|were|be|been|equal to|equals|=|being|is called|are called|called|named")
    say(
        "count",
        "",
        "how many|number of|the number of|total number of|count|count of|count the number of|"
        "how many total|the total number of|total count of|find the number of|counts of|numbers of",
    )
    say("agg", "avg", "average|mean|avg|on average")
    say("agg", "sum", "sum|sum of|total|total amount of|combined|total sum of")
    say("agg", "min", "minimum|min|lowest|smallest")
    say("agg", "max", "maximum|max|highest|largest|greatest|biggest")
    say("super", "desc", "most|longest|heaviest|top|best")
    say("super", "asc", "least|fewest|shortest|lightest|worst")
    say(
        "super",
        "desc",
        "largest number of|highest number of|most number of|greatest number of|maximum number of|"
        "most common|most popular|most frequent",
        "#",
    )
    say(
        "super",
        "asc",
        "smallest number of|lowest number of|least number of|minimum number of|fewest number of|"
        "least common|least popular",
        "#",
    )
    say("super", "desc", "oldest", "age")
    say("super", "asc", "youngest", "age")
    say("super", "desc", "most expensive|costliest|dearest", "price", "cost")
    say("super", "asc", "cheapest|least expensive", "price", "cost")
    say("super", "desc", "newest|latest|most recent|most recently", "@date")
    say("super", "asc", "earliest|oldest ever", "@date")
    say(
        "cmp",
        ">",
        "more than|greater than|larger than|higher than|bigger than|over|above|exceeding|exceeds|"
        "greater|bigger|larger|exceed|>",
    )
    say("cmp", ">=", "at least|no less than|not less than|minimum of|>=|a minimum of")
    say("cmp", "<", "less than|fewer than|lower than|smaller than|below|under|<")
    say("cmp", "<=", "at most|no more than|not more than|up to|<=|a maximum of")
    say("cmp", "=", "exactly")
    say("cmp", ">", "older than", "age")
    say("cmp", "<", "younger than", "age")
    say("cmp", ">", "heavier than", "weight")
    say("cmp", "<", "lighter than", "weight")
    say("cmp", ">", "longer than", "length", "duration")
    say("cmp", "<", "shorter than", "length", "duration", "height")
    say("cmp", ">", "taller than", "height")
    say("between", "", "between|in the range of|ranging from")
    say(
        "each",
        "",
        "each|every|per|for each|in each|of each|for every|in every|by each|from each|at each|grouped by|"
        "group by|broken down by|each of the|at every|on each",
    )
    say(
        "order",
        "",
        "order by|ordered by|sort by|sorted by|in order of|in the order of|ranked by|sorted in order of|"
        "ordered according to|listed by|listed in|and sort|and sort by|order of|sorted in|ordered in|sort|ordered|"
        "sorted|ordering by",
    )
    say(
        "order",
        "asc",
        "in ascending order of|in ascending order by|in increasing order of|sorted in ascending order of|"
        "in ascending alphabetical order of|in alphabetical order of|in the ascending order of|alphabetically by|"
        "ordered in ascending order of|ascending order of",
    )
    say(
        "order",
        "desc",
        "in descending order of|in descending order by|in decreasing order of|in the descending order of|"
        "sorted in descending order of|ordered in descending order of|descending order of",
    )
    say(
        "dir",
        "asc",
        "ascending|in ascending order|increasing|in increasing order|ascendingly|from low to high|"
        "in alphabetical order|in lexicographical order|alphabetically|alphabetical order|"
        "in ascending alphabetical order|"
        "lowest first|smallest first|oldest first|from lowest to highest|from the youngest to the oldest|"
        "from youngest to oldest|in lexical order|in alphabetic order",
    )
    say(
        "dir",
        "desc",
        "descending|in descending order|decreasing|in decreasing order|from high to low|descendingly|"
        "highest first|largest first|newest first|from highest to lowest|from the oldest to the youngest|"
        "from oldest to youngest|in reverse alphabetical order|from large to small|from most to least",
    )
    say("distinct", "", "distinct|different|unique|distinct values of|different values of|distinctive")
    say("not", "", "not|isn't|aren't|doesn't|don't|other than|except|excluding|besides|never")
    say("without", "", "without|with no|that have no|who have no|which have no|have no|has no|that has no")
    say("and", "", "and|,|as well as|and also|along with|together with|;")
    say("or", "", "or")
    say("of", "", "of|of all|of the|of all the|of every")
    say(
        "with",
        "",
        "with|whose|where|having|that have|that has|who have|who has|which have|which has|have|has|had|contain",
    )
    say(
        "in",
        "",
        "from|in|at|by|for|to|on|during|that|which|who|belonging to|belong to|as|made|associated with|"
        "corresponding to|related to|about|into|placed|ordered by the|for which|in which|involved in|used|owned by|own|"
        "owns|that are|that is|who are|who is|which are|which is|made by|placed by|live in|living in|lives in|"
        "located in|"
        "come from|came|come|costing|came from|coming from|based in|did|bought by|written by|through|via|among",
    )
    say(
        "like",
        "%x%",
        "contains|containing|contain the word|contains the word|include|includes|including|"
        "has the substring|contain the substring|with the substring|contain the letter|contains the letter|"
        "contains the substring|that contains|that contain|the substring|the word",
    )
    say(
        "like",
        "x%",
        "starts with|start with|starting with|beginning with|begins with|begin with|start with the letter|"
        "starts with the letter",
    )
    say("like", "%x", "ends with|end with|ending with|ending in|ends in")
    say("more", ">=", "or more|or higher|or greater|or above|or over|or after|or later")
    say("more", "<=", "or less|or fewer|or lower|or below|or under|or before|or earlier")
    say("time", ">", "after|later than|since")
    say("time", "<", "before|earlier than|prior to")
    return told


PHRASES = _table()
LONGEST = max(len(phrase) for phrase in PHRASES)
_COUNTED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: number for number, word in enumerate(_COUNTED)}

# Other words for the same thing, in businesses of every kind; used only where the database's own word isn't said.
SYNONYMS = (
    ("customer", "client", "buyer", "shopper"),
    ("employee", "staff", "worker"),
    ("city", "town"),
    ("price", "cost"),
    ("total", "amount", "totalamount", "totalprice"),
    ("phone", "telephone", "phonenumber", "telephonenumber", "mobile"),
    ("product", "item", "article"),
    ("firstname", "fname", "givenname"),
    ("lastname", "lname", "surname", "familyname"),
    ("email", "emailaddress", "mail"),
    ("quantity", "qty"),
    ("gender", "sex"),
    ("supplier", "vendor"),
    ("nation", "nationality"),
    ("id", "identifier"),
    ("zipcode", "zip", "postcode", "postalcode"),
    ("description", "desc"),
)
