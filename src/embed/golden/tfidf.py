"""Reference values for tfidf.test.ts: the formulae that scikit-learn documents for TfidfVectorizer(max_features=10000,
stop_words="english", ngram_range=(1, 2), min_df=2, max_df=0.8), written down once more with nothing of src/embed.
scikit-learn itself was not at hand. Run: python3 tfidf.py > tfidf.json
"""
import json
import math
import re

DOCUMENTS = [
    "def parse_header(line): the header of a line is parsed here; parse header fields",
    "Parse the header line of a request and return the header fields",
    "open_connection: open a connection to the database, retry the connection",
    "retry the connection when the database is busy; parse nothing",
    "Größe und Länge der Datenbank; the database connection and its size",
    "size of the request header: header line, header fields, request body",
    "x y z 1 22 _private __init__ 22 _private database",
    "a the and of",
    "",
    "request retry retry retry request body body connection",
]
# A word in nine of ten: more than 80 %.
DOCUMENTS = [d if i == 7 else (d + " widespread") for i, d in enumerate(DOCUMENTS)]
QUERIES = ["header fields of a request", "retry database connection", "22 _private", "nothing known at all", "widespread", "", "GRÖSSE Größe"]
# Only those of the list that occur above.
STOP = set("the of a is here and to when its at all nothing".split())
MAX_FEATURES, MIN_DF, MAX_DF = 10000, 2, 0.8


def ngrams(text):
    words = [w for w in re.findall(r"(?u)\b\w\w+\b", text.lower()) if w not in STOP]
    return words + [" ".join(pair) for pair in zip(words, words[1:])]


counted = [ngrams(d) for d in DOCUMENTS]
n = len(DOCUMENTS)
everything = sorted(set(t for c in counted for t in c))
df = {t: sum(t in c for c in counted) for t in everything}
tf = {t: sum(c.count(t) for c in counted) for t in everything}
kept = [t for t in everything if MIN_DF <= df[t] <= MAX_DF * n]
kept = sorted(sorted(kept, key=lambda t: -tf[t])[:MAX_FEATURES])
idf = {t: math.log((1 + n) / (1 + df[t])) + 1 for t in kept}


def vector(text):
    c = ngrams(text)
    v = [c.count(t) * idf[t] for t in kept]
    norm = math.sqrt(sum(x * x for x in v))
    return [x / norm for x in v] if norm else v


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b))


vectors = [vector(d) for d in DOCUMENTS]
print(
    json.dumps(
        {
            "documents": DOCUMENTS,
            "terms": kept,
            "idf": [idf[t] for t in kept],
            "vectors": vectors,
            "queries": [{"text": q, "similarities": [cosine(vector(q), v) for v in vectors]} for q in QUERIES],
        },
        ensure_ascii=False,
        indent=1,
    )
)
