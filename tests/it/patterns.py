"""Patterns and observations that are made up, judged by stix2-matcher and read by stix2-patterns.

    patterns.py generate SEED COUNT TABLE CASES  writes a case a line: {"pattern", "observed", "parts"}
    patterns.py compare CASES VERDICTS           judges them again and compares with our verdicts
    patterns.py break SEED COUNT TABLE CASES BROKEN  writes patterns that are changed in some place
    patterns.py read BROKEN VERDICTS             reads them again and compares what can be read

A case names the constructs in it on which the oracle is known to contradict the specification: its
`parts`. Each is a line of the table, with the paragraph and an example that both sides judge. Where
no such construct is in a case, the two must agree: that is so in two thirds of them and more.
"""

import json
import random
import re
import sys
from collections import Counter

from antlr4 import InputStream
from stix2matcher.matcher import Pattern
from stix2patterns.v21.validator import run_validator

START = "2026-01-01T00:00:%02dZ"
TEXTS = ["a", "b", "ab", "A", "", "a.b", "o\u0300", "\u00f2", "it's", "back\\slash", "\u0100", "a\nb", "5"]
LIKES = ["%", "a%", "%b", "_", "a_b", "%.%", "\u00f2", "o\u0300", "", "%a%b%", "A%"]
REGEXES = [
    "a", "^a", "b$", "a.b", "^[ab]+$", "(?=a)a", "(?<!a)b", "(a)\\1", "a|b", "\\d", "^\\w$", "[^a]",
    "\u00f2", "o\u0300", "x*", "a{1,2}", "(?i)A", "\\.", "^$", "\\\\", "[.]", "\\bab\\b", "a+?b",
]
NETS = ["198.51.100.0/24", "198.51.100.0/27", "198.51.0.0/16", "203.0.113.7/32", "198.51.100.5/31"]
ADDRESSES = ["198.51.100.5", "198.51.100.40", "203.0.113.7", "198.51.100.0/27", "198.51.100.4/30"]


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Made:
    """One made-up case; `wild` ones use what the oracle is known to judge otherwise."""

    def __init__(self, dice, wild):
        self.dice, self.wild, self.parts = dice, wild, set()
        self.ids = ["x-one--%d" % n for n in range(dice.randint(1, 4))]
        self.objects = [self.one(name) for name in self.ids]
        count = dice.choice([1, 1, 2, 3, 4, 5])
        self.observed = [self.observation(n) for n in range(count)]
        self.spans = any(o["first_observed"] != o["last_observed"] for o in self.observed)

    def chance(self, of):
        return self.dice.randrange(of) == 0

    def one(self, name):
        dice, kind = self.dice, self.dice.choice(["file", "x-one", "x-one", "x-one", "ipv4-addr", "network-traffic"])
        made = {"type": kind, "id": name}
        for key, value in [
            ("text", lambda: dice.choice(TEXTS if self.wild else [t for t in TEXTS if "\n" not in t])),
            ("number", lambda: dice.choice([0, 1, 5, -3, 5.0, 5.5, 2**53 + 1, True, False])),
            ("some_hex", lambda: dice.choice(["61", "6162", "ff", "", "C3B2"])),
            ("some_bin", lambda: dice.choice(["YQ==", "YWI=", "/w==", "", "w7I="])),
            ("time", lambda: dice.choice([START % 1, "2026-01-01T00:00:01.5Z", START % 2])),
            ("list", lambda: [dice.choice(["a", "b", 5, 1.5]) for _ in range(dice.randrange(3))]),
            ("map", lambda: {"k": dice.choice(["a", 5]), "SHA-256": "ab"}),
            ("maps", lambda: [{"k": n} for n in range(dice.randrange(3))]),
            ("null", lambda: None),
            ("next_ref", lambda: dice.choice(self.ids)),
            ("all_refs", lambda: [dice.choice(self.ids) for _ in range(dice.randrange(3))]),
        ]:
            if not self.chance(6):
                made[key] = value()
        if kind == "ipv4-addr":
            made["value"] = dice.choice(ADDRESSES)
        if self.wild:
            if kind == "file" and self.chance(2):
                made["ctime"] = START % 1
            if self.chance(3):
                made["bad_hex"] = "6"
            if self.chance(3):
                made["six"] = dice.choice(["2001:db8::1", "10.0.0.0/0", "no address"])
            if self.chance(3):
                made["gone_ref"] = "x-one--gone"
                made["gone_refs"] = ["x-one--gone", dice.choice(self.ids)]
        return made

    def observation(self, number):
        dice = self.dice
        first = dice.randrange(8)
        last = first + (dice.randrange(4) if self.chance(3) else 0)
        refs = dice.sample(self.ids, dice.randint(1, len(self.ids)))
        return {
            "type": "observed-data", "id": "observed-data--%d" % number,
            "first_observed": START % first, "last_observed": START % last,
            "number_observed": dice.choice([1, 1, 1, 1, 2, 3]), "object_refs": refs,
        }

    # A test: path, whether it can have several values, and what kind of value stands there.
    def path(self):
        dice = self.dice
        kind = dice.choice(["x-one", "x-one", "x-one", "file", "network-traffic"])
        tail, many, holds = dice.choice([
            ("text", False, "text"), ("text", False, "text"), ("number", False, "number"),
            ("some_hex", False, "octets"), ("some_bin", False, "octets"), ("time", False, "time"),
            ("list[*]", True, "list"), ("list[0]", False, "list"), ("list[1]", False, "list"),
            ("list", False, "other"), ("map.k", False, "list"), ("map.'SHA-256'", False, "text"),
            ("maps[*].k", True, "number"), ("maps[1].k", False, "number"), ("map", False, "other"),
            ("null", False, "other"), ("gone", False, "other"), ("gone.text", False, "other"),
        ])
        for _ in range(dice.choice([0, 0, 0, 0, 0, 1, 2])):
            step, several = dice.choice([("next_ref", False), ("next_ref", False), ("all_refs[*]", True)])
            if self.wild and self.chance(4):
                # What it refers to may be outside of the observation.
                step, several = "all_refs[0]", False
                self.parts.add("reference-place")
            tail, many = step + "." + tail, many or several
        if self.wild and self.chance(5):
            part, kind, tail, many, holds = dice.choice([
                ("time-property", "file", "ctime", False, "text"),
                ("bad-octets", kind, "bad_hex", False, "octets"),
                ("reference-value", kind, "next_ref", False, "text"),
                ("reference-value", kind, "all_refs[0]", False, "text"),
                ("reference-place", kind, "gone_refs[0].text", False, "text"),
                ("reference-place", kind, "gone_refs[1].text", False, "text"),
            ])
            self.parts.add(part)
        return kind, kind + ":" + tail, many, holds

    def literal(self, holds, path):
        dice = self.dice
        kind, name = path.split(":", 1)
        there = [o.get(name) for o in self.objects if o["type"] == kind and name in o]
        if there and self.chance(2):
            # What really stands there, so that something matches.
            value = dice.choice(there)
            if holds == "text" and value != "a\nb":
                return quoted(value)
            if holds == "time":
                return "t'%s'" % value
            if holds == "number":
                return str(value).lower()
            if holds == "octets":
                if value or name == "some_hex":
                    return ("h'%s'" if name == "some_hex" else "b'%s'") % value
        texts = [quoted(text) for text in TEXTS if "\n" not in text]
        numbers = ["0", "1", "5", "-3", "5.0", "5.5", "9007199254740993", "9007199254740992.0"]
        octets = ["h'61'", "h'6162'", "h'ff'", "b'YQ=='", "b'YWI='", "b'/w=='", "h''", "h'C3B2'"]
        times = ["t'%s'" % (START % 1), "t'2026-01-01T00:00:01.500Z'", "t'%s'" % (START % 2)]
        usual = {"text": texts, "number": numbers, "octets": texts + octets, "time": times,
                 "list": texts[:2] + numbers, "other": texts}[holds]
        if holds in ("number", "list"):
            usual = usual + ["true", "false"]
        if self.chance(5):
            usual = texts + numbers + octets + ["true"] + (times if self.wild or holds == "number" else [])
        return dice.choice(usual)

    def test(self, kind=None):
        dice = self.dice
        if kind in (None, "ipv4-addr") and self.chance(8):
            where, net = dice.choice(["ipv4-addr:value"] * 3 + ["ipv4-addr:number"]), dice.choice(NETS)
            word = dice.choice(["ISSUBSET", "ISSUPERSET"]) if self.wild else "ISSUBSET"
            if word == "ISSUPERSET" or self.wild and self.chance(2):
                self.parts.add("networks")
                where = dice.choice(["ipv4-addr:six", "ipv4-addr:value"])
                net = dice.choice(["2001:db8::/32", "0.0.0.0/0", "198.51.100.5", "::/0"])
            return "ipv4-addr", "%s %s%s %s" % (where, self.negation(), word, quoted(net))
        while True:
            found, path, many, holds = self.path()
            if kind in (None, found):
                break
        if self.wild and self.chance(8):
            self.parts.add("exists")
            return found, dice.choice(["EXISTS ", "NOT EXISTS "]) + path
        operator = dice.choice(["=", "=", "=", "!=", "<", ">", "<=", ">=", "IN", "LIKE", "MATCHES"])
        negation = self.negation() if self.wild or not many else ""
        if negation and many:
            self.parts.add("not-any")
        if operator == "IN":
            # A set is of one type; which is fine in texts and numbers.
            sets = [[quoted(t) for t in TEXTS[:6]], ["0", "1", "5", "5.5", "-3"]]
            if self.wild and self.chance(3):
                self.parts.add("in-types")
                sets = [["true", "false"], ["h'61'", "h'ff'"], ["b'YQ=='", "b'YWI='"], ["1", "0"]]
            elif holds == "octets" or holds in ("number", "list"):
                self.parts.add("in-types")
                if not self.wild:
                    self.parts.discard("in-types")
                    return self.test(kind)
            operand = "(" + ", ".join(dice.sample(dice.choice(sets), 2)) + ")"
        elif operator in ("LIKE", "MATCHES"):
            operand = quoted(dice.choice(LIKES if operator == "LIKE" else REGEXES))
            if holds == "octets" and operator == "LIKE":
                if not self.wild:
                    return self.test(kind)
                self.parts.add("like-octets")
            if self.wild and holds == "text":
                self.parts.add("line-feeds")
        else:
            operand = self.literal(holds, path)
            if operand.startswith("t'") and holds not in ("time", "number"):
                if not self.wild:
                    return self.test(kind)
                self.parts.add("no-timestamp")
            if operator in ("<", ">", "<=", ">="):
                if operand in ("true", "false"):
                    operator = "="
                elif negation:
                    if not self.wild:
                        negation = ""
                    else:
                        self.parts.add("not-order")
        return found, "%s %s%s %s" % (path, negation, operator, operand)

    def negation(self):
        return "NOT " if self.chance(5) else ""

    def comparison(self, depth=2, kind=None):
        word = self.dice.choice(["", "", "OR", "OR", "AND"]) if depth else ""
        if not word:
            return self.test(kind)
        found, left = self.comparison(depth - 1, kind)
        # What AND joins is about one type.
        wanted = found if word == "AND" or kind else None
        if self.wild and word == "AND" and kind is None and self.chance(6):
            self.parts.add("two-types")
            wanted = None
        other, right = self.comparison(depth - 1, wanted)
        if word == "OR" and kind is None and other != found:
            found = other if self.chance(2) else found
        text = "%s %s %s" % (left, word, right)
        return found, "(%s)" % text if self.chance(2) or word == "OR" else text

    def easy(self):
        """What the first object with such a property satisfies, so that qualifiers have work."""
        made = self.dice.choice(self.objects)
        name = self.dice.choice([n for n in ("text", "number", "type") if n in made])
        if name == "number" or made[name] == "a\nb":
            return "[%s:%s %s 99]" % (made["type"], name, self.dice.choice(["!=", "NOT ="]))
        return "[%s:%s = %s]" % (made["type"], name, quoted(made[name]))

    def leaf(self):
        if self.chance(2):
            return self.easy()
        # The type of an OR of two types is not one: ask for one type in all of it where AND may stand.
        kind = None if self.chance(4) else self.dice.choice(["x-one", "x-one", "file", "network-traffic"])
        return "[%s]" % self.comparison(2 if kind else 0, kind)[1]

    def pattern(self, depth):
        dice = self.dice
        if depth == 0 or self.chance(4):
            text = self.leaf()
        else:
            word = dice.choice(["AND", "OR", "FOLLOWEDBY"])
            text = "%s %s %s" % (self.pattern(depth - 1), word, self.pattern(depth - 1))
            if self.chance(2):
                text = "(%s)" % text
            if word == "FOLLOWEDBY":
                self.sequence = True
        for _ in range(dice.choice([0, 0, 0, 1, 2])):
            last = dice.randrange(1, 9)
            sort, qualifier = dice.choice([
                ("within", " WITHIN %s SECONDS" % dice.choice(["%d.5" % last, "%d.000001" % last])),
                ("repeats", " REPEATS %d TIMES" % dice.randint(1, 3)),
                ("start", " START t'%s' STOP t'%s'" % (START % dice.randrange(last), START % last)),
            ])
            if sort == "within" and self.wild and self.chance(2):
                self.parts.add("window-end")
                qualifier = " WITHIN %d SECONDS" % last
            if sort == "start":
                self.started = True
            if " %s " % qualifier.split()[0] not in text.rsplit(")", 1)[-1].rsplit("]", 1)[-1] + " ":
                text += qualifier
        return text

    started = sequence = False

    def case(self):
        pattern = self.pattern(self.dice.choice([0, 0, 0, 1, 1, 2]))
        if self.spans and self.started:
            self.parts.add("times-together")
        bundle = {"type": "bundle", "id": "bundle--1", "objects": self.observed + self.objects}
        return {"pattern": pattern, "observed": bundle, "parts": sorted(self.parts)}


def examples(table):
    """The lines of the table: what each side says of an example, and the paragraph that decides."""
    with open(table, encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#") or not line.strip():
                continue
            name, mine, theirs, _paragraph, pattern, objects, seen, _why = line.rstrip("\n").split("\t")
            objects = json.loads(objects)
            ids = [each["id"] for each in objects]
            observed = [
                {"type": "observed-data", "id": "observed-data--%d" % number,
                 "first_observed": START % first, "last_observed": START % last,
                 "number_observed": 1, "object_refs": refs or ids}
                for number, (first, last, refs) in enumerate(json.loads(seen or "[[1, 1, null]]"))
            ]
            bundle = {"type": "bundle", "id": "bundle--1", "objects": observed + objects}
            pattern = pattern.replace("<LF>", "\n")
            yield {"pattern": pattern, "observed": bundle, "parts": [name], "example": [mine, theirs]}


def generate(seed, count, table, cases):
    dice = random.Random(seed)
    known = list(examples(table))
    with open(cases, "w", encoding="utf-8") as out:
        for case in known:
            out.write(json.dumps(case) + "\n")
        made = 0
        while made < count:
            case = Made(dice, wild=made % 3 == 2).case()
            if made % 3 != 2 and case["parts"]:
                continue
            out.write(json.dumps(case) + "\n")
            made += 1


def oracle(case):
    """What the oracle says: True, False, or the name of its error."""
    try:
        return bool(Pattern(case["pattern"], "2.1").match([case["observed"]]))
    except Exception as error:  # Whatever it fails with is its answer.
        return "error: %s: %s" % (type(error).__name__, str(error)[:80])


def ours(verdict):
    return verdict["matched"] if not verdict.get("error") else "error: " + verdict["error"]


def short(verdict):
    return "error" if isinstance(verdict, str) else str(verdict).lower()


def compare(cases, verdicts):
    known, counts, explained, wrong = set(), Counter(), Counter(), 0
    with open(cases, encoding="utf-8") as lines, open(verdicts, encoding="utf-8") as told:
        for case, verdict in zip(lines, told, strict=True):
            case, mine = json.loads(case), ours(json.loads(verdict))
            theirs = oracle(case)
            fault = None
            if "example" in case:
                known.update(case["parts"])
                counts["examples"] += 1
                if [short(mine), short(theirs)] != case["example"]:
                    fault = "the table says %s" % case["example"]
            else:
                counts["plain" if not case["parts"] else "wild"] += 1
                counts[short(theirs)] += 1
                if short(mine) != short(theirs):
                    parts = known.intersection(case["parts"])
                    explained.update(parts)
                    counts["differ"] += 1
                    fault = None if parts else "unexplained"
            if fault:
                wrong += 1
                if wrong <= 12:
                    print("%s: ours %s, theirs %s: %s" % (fault, mine, theirs, json.dumps(case)))
    print("%d examples of contradictions; %d cases without any, %d that may have some" % (
        counts["examples"], counts["plain"], counts["wild"]))
    print("of the cases the oracle matched %d, did not match %d, failed on %d; %d judged otherwise" % (
        counts["true"], counts["false"], counts["error"], counts["differ"]))
    print("constructs in those: %s" % ", ".join("%s %d" % e for e in sorted(explained.items())))
    print("unexplained: %d" % wrong)
    return 1 if wrong else 0


PIECES = [
    "[", "]", "(", ")", "AND", "OR", "NOT", "FOLLOWEDBY", "REPEATS 2 TIMES", "WITHIN 5 SECONDS", "EXISTS", "IN",
    "LIKE", "MATCHES", "ISSUBSET", "=", "!=", "<>", "==", ">=", ":", ".", ",", "'x'", "\"x\"", "5", "-5", "+5", "5.", ".5",
    "05", "0", "-0", "1e5", "t'2026-01-01T00:00:00Z'", "t'2026-02-30T00:00:00Z'", "t'x'", "h'0'", "h'AB'", "b'YQ'",
    "b'YQ=='", "true", "file:name", "x-a", "a_b", "[*]", "[0]", "[-1]", "'", "\\", "//x\n", "/* x */", "*", "\t", "\u00a0",
    "START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", "and", "TIMES", "0.0", "99999999999999999999", "-", "#",
]


def broken(dice, pattern):
    """A pattern with a piece put in, taken out or put elsewhere."""
    words = pattern.split(" ")
    for _ in range(dice.choice([1, 1, 1, 2])):
        place = dice.randrange(len(words))
        change = dice.randrange(6)
        if change == 0:
            words.insert(place, dice.choice(PIECES))
        elif change == 1:
            words[place] = dice.choice(PIECES)
        elif change == 2 and len(words) > 1:
            del words[place]
        elif change == 3:
            words[place] += dice.choice(PIECES)
        elif change == 4 and words[place]:
            at = dice.randrange(len(words[place]))
            words[place] = words[place][:at] + words[place][at + 1:]
        else:
            other = dice.randrange(len(words))
            words[place], words[other] = words[other], words[place]
    return " ".join(words)


def break_all(seed, count, table, cases, out):
    dice = random.Random(seed)
    observed = {"type": "x-a", "id": "a"}
    with open(cases, encoding="utf-8") as lines:
        patterns = [case["pattern"] for case in map(json.loads, lines) if len(case["pattern"]) < 300]
    with open(out, "w", encoding="utf-8") as file, open(table, encoding="utf-8") as lines:
        for line in lines:
            if not line.startswith("#"):
                name, mine, theirs, _paragraph, pattern, _why = line.rstrip("\n").split("\t")
                pattern = pattern.replace("<LF>", "\n")
                case = {"pattern": pattern, "observed": observed, "example": [name, mine, theirs]}
                file.write(json.dumps(case) + "\n")
        for _ in range(count):
            pattern = broken(dice, dice.choice(patterns))
            file.write(json.dumps({"pattern": pattern, "observed": observed}) + "\n")


def readable(pattern):
    try:
        return not run_validator(InputStream(pattern))
    except Exception:  # As when a qualifier stands twice, or an index is negative.
        return False


# Our codes of what cannot be read; others are of what can be read and not judged.
UNREADABLE = {"E-PATTERN-%03d" % number for number in [*range(1, 12), 17]}


def construct(pattern, code):
    """Which line of the table explains that only one side reads a pattern."""
    return {
        "E-PATTERN-011": "empty-qualifier",
        "E-PATTERN-010": "qualifier-twice",
        "E-PATTERN-006": "large-number" if re.search("[0-9]{19}", pattern) else None,
        "E-PATTERN-007": "no-such-day" if "02-30" in pattern else None,
    }.get(code) or ("empty-binary" if "b''" in pattern and code not in UNREADABLE else None)


def read(cases, verdicts):
    known, counts, explained, wrong = set(), Counter(), Counter(), 0
    with open(cases, encoding="utf-8") as lines, open(verdicts, encoding="utf-8") as told:
        for case, verdict in zip(lines, told, strict=True):
            case, code = json.loads(case), json.loads(verdict).get("error", "")[:13]
            pattern = case["pattern"]
            mine, theirs = code not in UNREADABLE, readable(pattern)
            fault = None
            if "example" in case:
                name, *expected = case["example"]
                known.add(name)
                fault = None if [short(mine), short(theirs)] == expected else "the table says %s" % expected
            else:
                counts["both" if mine and theirs else "neither" if mine == theirs else "one"] += 1
                if mine != theirs:
                    name = construct(pattern, code)
                    explained[name] += 1
                    fault = None if name in known else "unexplained"
            if fault:
                wrong += 1
                if wrong <= 12:
                    print("%s: ours %s %s, theirs %s: %r" % (fault, mine, code, theirs, pattern))
    print("of the changed patterns %d are read by both, %d by neither, %d by one" % (
        counts["both"], counts["neither"], counts["one"]))
    print("constructs in those: %s" % ", ".join("%s %d" % e for e in sorted(explained.items())))
    print("unexplained: %d" % wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "generate":
        generate(int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:6])
    elif sys.argv[1] == "break":
        break_all(int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:7])
    else:
        sys.exit({"compare": compare, "read": read}[sys.argv[1]](*sys.argv[2:4]))
