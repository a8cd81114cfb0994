"""Reads a file of Suricata's rules and one of its sets with another program's parser. Says how many
rules there are and what the set holds; fails on anything that is neither a rule nor a remark."""

import base64
import sys

from suricataparser import parse_rules

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
lines = [line for line in text.splitlines() if line and not line.startswith("#")]
rules = parse_rules("\n".join(lines))
assert len(rules) == len(lines), f"{len(lines)} lines, {len(rules)} rules"
for line, rule in zip(lines, rules):
    assert rule.enabled and rule.action == "alert", line
    assert rule.raw.count(" sid:") == 1 and rule.msg.startswith("Entente "), line
sids = [rule.sid for rule in rules]
assert len(set(sids)) == len(sids), sids

with open(sys.argv[2], encoding="ascii") as file:
    values = [base64.b64decode(line, validate=True).decode() for line in file.read().splitlines()]
print(f"{len(rules)} rules, {len(values)} value: {', '.join(values)}")
