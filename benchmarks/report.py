"""Printing the figures: medians with their ranges, and what one costs in terms of the other."""

from collections.abc import Iterable, Mapping
from statistics import median
from typing import Any

from benchmarks.flows import FLOWS
from benchmarks.load import Sample

Samples = Mapping[tuple[str, str], list[Sample]]
"""(who, what) to one sample a round."""


def lines(samples: Samples, statements: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    yield f"{'':26}{'GoodPlay, requests/s':>24}{'stock twin':>24}{'ratio':>7}{'p50':>8}{'p95':>8}{'p99':>8}{'SQL':>5}{'errors':>8}"
    for flow in FLOWS:
        ours, stock = samples.get(("ours", flow.name)), samples.get(("stock", flow.name))
        if ours and stock:
            yield _flow(flow.title, ours, stock, statements[flow.name])
    for flow in FLOWS:
        if not flow.has_twin and (alone := samples.get(("ours", flow.name))):
            percentiles = "".join(f"{middle(alone, figure):>8.1f}" for figure in ("p50", "p95", "p99"))
            sql = statements[flow.name]["statements"]
            yield f"{flow.title:26}{_rate(alone):>24}{'':31}{percentiles}{sql:>5}{_errors(alone):>8}"
    yield ""
    yield f"{'':26}{'a second':>24}{'errors':>8}"
    for (who, what), rounds in samples.items():
        if who == "ceiling":
            yield f"{what:26}{_rate(rounds):>24}{_errors(rounds):>8}"


def paced(flow: str, ceiling: float, sample: Sample) -> str:
    return (
        f"{flow} at 70 % of its ceiling ({ceiling * 0.7:.0f}/s): {sample.rate:.0f}/s, p50 {sample.p50:.1f} ms, "
        f"p95 {sample.p95:.1f} ms, p99 {sample.p99:.1f} ms, errors {_errors([sample])}"
    )


def middle(rounds: list[Sample], figure: str = "rate") -> float:
    return median(getattr(sample, figure) or 0.0 for sample in rounds)


def _flow(title: str, ours: list[Sample], stock: list[Sample], statements: Mapping[str, Any]) -> str:
    percentiles = "".join(f"{middle(ours, figure):>8.1f}" for figure in ("p50", "p95", "p99"))
    ratio = middle(ours) / middle(stock) if middle(stock) else float("nan")
    return (
        f"{title:26}{_rate(ours):>24}{_rate(stock):>24}{ratio:>7.2f}{percentiles}{statements['statements']:>5}"
        f"{_errors(ours) + _errors(stock):>8}"
    )


def _rate(rounds: list[Sample]) -> str:
    rates = [sample.rate for sample in rounds]
    return f"{median(rates):,.0f} ({min(rates):,.0f}-{max(rates):,.0f})"


def _errors(rounds: list[Sample]) -> int:
    """Count what went wrong. A request sent twice because its file was used up is no measurement of the flow either."""
    return sum(sample.errors + sample.repeated for sample in rounds)
