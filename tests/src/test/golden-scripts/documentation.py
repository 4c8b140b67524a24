"""Ids of 1,000 sentences of the documentation that Debian's packages install, as MiniLM's
WordPiece splits them. Usage: sentences.py tokenizer.json out.npz"""
import glob, gzip, json, re, sys, unicodedata
import numpy as np

vocab = json.load(open(sys.argv[1]))["model"]["vocab"]

def words(text):
    text = unicodedata.normalize("NFD", text.lower())
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    return re.findall(r"\w+|[^\w\s]", text.replace("_", " _ "))

def pieces(word):
    found, start = [], 0
    while start < len(word):
        end = len(word)
        while end > start and ("##" if start else "") + word[start:end] not in vocab:
            end -= 1
        if end == start:
            return ["[UNK]"]
        found.append(("##" if start else "") + word[start:end])
        start = end
    return found

def ids(sentence):
    tokens = [p for w in words(sentence) for p in pieces(w)]
    return [vocab["[CLS]"]] + [vocab[t] for t in tokens[:126]] + [vocab["[SEP]"]]

files = sorted(glob.glob("/usr/share/perl/*/**/*.pod", recursive=True)
               + glob.glob("/usr/share/common-licenses/*")
               + glob.glob("/usr/share/doc/*/README*")
               + glob.glob("/usr/share/doc/*/NEWS*"))
seen, sentences = set(), []
for name in files:
    try:
        raw = gzip.open(name).read() if name.endswith(".gz") else open(name, "rb").read()
    except OSError:
        continue
    text = raw.decode("utf-8", "ignore")
    for paragraph in re.split(r"\n\s*\n", text):
        if re.match(r"\s{2,}|=|[*#]", paragraph):
            continue
        for s in re.split(r"(?<=[.!?])\s+", re.sub(r"[A-Z]<([^<>]*)>", r"\1", " ".join(paragraph.split()))):
            if 25 <= len(s) <= 400 and re.match(r"[A-Z][a-z ].*[a-z]{3}.*[.!?]$", s) and s not in seen:
                seen.add(s)
                sentences.append(s)
step = len(sentences) / 1000
print(len(sentences), "sentences in", len(files), "files")
chosen = [sentences[int(i * step)] for i in range(1000)]
all_ids = [ids(s) for s in chosen]
print(sum(map(len, all_ids)), "tokens;", max(map(len, all_ids)), "at most;", chosen[5], chosen[500], chosen[900])
np.savez_compressed(sys.argv[2], ids=np.array([i for s in all_ids for i in s], dtype=np.int16),
                    lengths=np.array([len(s) for s in all_ids], dtype=np.uint8))
