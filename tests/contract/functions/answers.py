# SPDX-License-Identifier: Apache-2.0
"""One handler for every kind of answer. golden.json says what each caller must get, on every provider."""

import datetime


def echo(event, context):
    return event


def text(event, context):
    return "plain text"


def integer(event, context):
    return 42


def real(event, context):
    return 0.1


def true(event, context):
    return True


def nothing(event, context):
    return None


def no_return(event, context):
    event["seen"] = True


def empty(event, context):
    return {"object": {}, "list": [], "text": "", "nested": [[], [{}]]}


def constants_inside(event, context):
    return {"none": None, "true": True, "false": False, "list": [None, True, False, {"deep": None}]}


def order(event, context):
    return {"zebra": 1, "apple": 2, "mango": {"b": 1, "a": 2}}


def tuples(event, context):
    return (1, ("two", (3.5,)), ())


def odd_keys(event, context):
    return {1: "int", 2.5: "float", False: "bool", None: "none", "text": "text"}


def integers(event, context):
    return [0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1]


def reals(event, context):
    return [1e-7, 5e-324, 1.7976931348623157e308, -2.5, 1e16, 3.141592653589793, -0.0]


def unicode(event, context):
    return {
        "clef": "\U0001d11e",
        "combining": "e\u0301",
        "line": "\u2028",
        "nul": "\x00",
        "quotes": "\"'\\/",
        "漢字": "かな",
        "given": event["text"] + "\u00df",
    }


def large(event, context):
    return {"length": len(event["text"]), "answer": "x" * 200000}


def bytes_inside(event, context):
    return {"data": [b"\x00\x01"]}


def not_a_number(event, context):
    return {"ratios": [1.0, float("nan")]}


def infinity(event, context):
    return float("inf")


def generator(event, context):
    return (n for n in range(3))


def a_set(event, context):
    return {"tags": {"one"}}


def a_date(event, context):
    return {"when": datetime.date(2026, 1, 2)}


def half_a_surrogate(event, context):
    return {"text": "\ud800"}


def contains_itself(event, context):
    loop = []
    loop.append(loop)
    return loop
