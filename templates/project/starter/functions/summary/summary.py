"""Statistics of a list of numbers. Nothing here knows of a cloud."""

import statistics


def handler(event, context):
    """The event is any JSON, and so is the answer. The context may be left out: handler(event)."""
    numbers = event["numbers"]
    if not numbers:
        raise ValueError("needs at least one number")
    print(f"{len(numbers)} numbers")  # goes to the log: pyfops logs summary
    return {
        "count": len(numbers),
        "mean": statistics.fmean(numbers),
        "median": statistics.median(numbers),
        "smallest": min(numbers),
        "largest": max(numbers),
        "deviation": round(statistics.pstdev(numbers), 4),
    }
