"""Rewrites Zeek's JSON as the forms of other products, line for line: the program under test must
find in each what it finds in the original."""

import json
import sys

source, folder = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    records = [json.loads(line) for line in file]
columns = list(dict.fromkeys(key for record in records for key in record))
many = {key for record in records for key, value in record.items() if isinstance(value, list)}


def cell(value):
    if value is None:
        return "-"
    if isinstance(value, list):
        return ",".join(cell(one).replace(",", "\\x2c") for one in value) or "(empty)"
    if isinstance(value, bool):
        return "T" if value else "F"
    return str(value).replace("\\", "\\x5c").replace("\t", "\\x09") or "(empty)"


def flat(record):
    """Names and texts; of a list each member."""
    for key, value in record.items():
        for one in value if isinstance(value, list) else [value]:
            yield key.replace(".", "_"), str(one)


def cef(text):
    return text.replace("\\", "\\\\").replace("=", "\\=")


def write(name, lines):
    with open(f"{folder}/{name}", "w", encoding="utf-8") as out:
        out.writelines(line + "\n" for line in lines)


header = [
    "#separator \\x09",
    "#set_separator\t,",
    "#empty_field\t(empty)",
    "#unset_field\t-",
    "#fields\t" + "\t".join(columns),
    "#types\t" + "\t".join("vector[string]" if key in many else "string" for key in columns),
]
write("zeek-tsv", header + ["\t".join(cell(record.get(key)) for key in columns) for record in records])
write(
    "cef",
    ["CEF:0|Zeek|dns|1|dns|query|3|" + " ".join(f"{k}={cef(v)}" for k, v in flat(record)) for record in records],
)
write("leef", ["LEEF:1.0|Zeek|dns|1|dns|" + "\t".join(f"{k}={v}" for k, v in flat(record)) for record in records])
write(
    "key-value",
    [" ".join(f"{k}={json.dumps(v, ensure_ascii=False)}" for k, v in flat(record)) for record in records],
)
write("syslog", ["<34>1 2026-02-01T00:00:00Z zeek dns 1 - - " + json.dumps(record) for record in records])
write("text", ["seen: " + " and ".join(v for _, v in flat(record)) for record in records])
print(len(header))
