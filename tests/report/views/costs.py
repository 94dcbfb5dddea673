"""What two options and today cost, as an experiment's report keeps it."""

from typing import Any


def money(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def option(
    name: str, *, once: float, month: float, whole: bool = False
) -> dict[str, Any]:
    total = once + 36 * month
    kinds = [
        {
            "kind": "preparation",
            "once": money(once, once / 2, once * 2),
            "month": money(0, 0, 0),
        },
        {
            "kind": "inference",
            "once": money(0, 0, 0),
            "month": money(month, month / 2, month),
        },
    ]
    stated = [
        {"kind": "whole", "once": money(0, 0, 0), "month": money(month, month, month)}
    ]
    return {
        "option": name,
        "complete": True,
        "once": money(once, once / 2, once * 2),
        "monthly": money(month, month / 2, month * 2),
        "three_years": money(total, total / 2, total * 2),
        "kinds": stated if whole else kinds,
        "by_volume": []
        if whole
        else [
            {"requests": n, **money(month * n / 10_000, 0, month)}
            for n in (1_000, 10_000)
        ],
        "prices_that_matter": [
            {
                "price": "own-labour",
                "from": 50.0,
                "to": 120.0,
                "per": "hour",
                "as_of": "2026-11-23",
                "low": total / 2,
                "high": total * 2,
            }
        ],
        "rests_on": [
            "66.25 h to set up at 80 EUR per hour (own-labour, 2026-11-23; x)"
        ],
        "assumed": ["1 retrainings a year (0 to 4; retrainings-a-year)"],
        "missing": ["inference: no answer was timed"] if name == "rag" else [],
    }


def costs_view() -> dict[str, Any]:
    return {
        "currency": "EUR",
        "on": "2026-11-22",
        "months": 36,
        "requests_a_month": {**money(200_000, 150_000, 250_000), "stated": True},
        "options": [
            option("prompt", once=640, month=900),
            option("finetune", once=5300, month=500),
        ],
        "today": option("today", once=0, month=2640, whole=True),
        "today_unknown": "",
        "break_even": [
            {
                "option": "finetune",
                "against": "today",
                "once": 5300.0,
                "saved": 2140.0,
                "months": 2.4766,
                "low": 1.2,
                "high": None,
                "requests": 495_327.0,
                "from_volume": None,
                "because": "finetune against today: 5,300 EUR more once, 2,140 EUR "
                "saved a month: earned back after 2.5 months (1.2 to never) or 495,327 "
                "requests",
            }
        ],
        "cheapest": "finetune",
        "warnings": [
            "Prices older than 90 days: a100-80gb-rented, the oldest of 2026-05-31."
        ],
    }
