"""Measure the screener on labelled pairs of names; fail below a limit."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from donations.operations.screening.quality import store_quality
from donations.screening.clean_names import clean_names
from donations.screening.decisions import POSSIBLE
from donations.screening.folders import lists_in
from donations.screening.index import Screener
from donations.screening.quality import (
    STRONG_LABEL,
    Judged,
    figures,
    figures_by_label,
    figures_of_folds,
    judge_pairs,
    measure_alerts,
    measure_listed,
    read_pairs,
)
from donations.screening.rarity import Rarity
from donations.screening.refusals import ListRefused
from donations.screening.version import CODE_VERSION


class Command(BaseCommand):
    help = "Measure the sanctions screener on labelled pairs (name1, name2, is_match, quality, schema) and clean names."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pairs", type=Path, help="A CSV file with a header.")
        parser.add_argument("--lists", type=Path, help="A folder with the lists. Default: that of the pairs.")
        parser.add_argument(
            "--clean", type=int, default=1000, help="How many clean names to screen (0: none)."
        )
        parser.add_argument(
            "--listed",
            type=int,
            default=0,
            metavar="N",
            help="Ask about each N-th listed name and strong alias itself (1: all); fail when one is not found.",
        )
        parser.add_argument("--threshold", type=float, default=POSSIBLE)
        parser.add_argument("--folds", type=int, default=5)
        parser.add_argument("--min-f1", type=float, help="Fail when the overall F1 is below.")
        parser.add_argument("--store", action="store_true", help="Keep the figures for the dashboard.")
        parser.add_argument("--json", action="store_true", help="Machine-readable.")
        parser.add_argument(
            "--errors", action="store_true", help="List the pairs that are judged otherwise than labelled."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            judged = judge_pairs(read_pairs(options["pairs"]), Rarity())
            report = _report(judged, options)
        except (ListRefused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            json.dumps(report, ensure_ascii=False, indent=2) if options["json"] else _table(report)
        )
        if options["store"]:
            store_quality(report=report, now=timezone.now())
        if report["listed"] and report["listed"]["lost"]:
            raise CommandError(f"{len(report['listed']['lost'])} listed names do not find themselves.")
        least = options["min_f1"]
        if least is not None and report["overall"]["f1"] < least:
            raise CommandError(f"F1 {report['overall']['f1']:.4f} is below {least}.")


def _report(judged: list[Judged], options: dict[str, Any]) -> dict[str, Any]:
    threshold = options["threshold"]
    by_label = figures_by_label(judged, threshold)
    folds = figures_of_folds(judged, options["folds"]) if options["folds"] > 1 else []
    report: dict[str, Any] = {
        "code_version": CODE_VERSION,
        "threshold": threshold,
        "overall": figures(judged, threshold).as_data(),
        "by_quality": {label or "-": each.as_data() for label, each in by_label.items()},
        "strong_recall": round(by_label[STRONG_LABEL].recall, 4) if STRONG_LABEL in by_label else None,
        "folds": [{"threshold": chosen, **each.as_data()} for chosen, each in folds],
        "lists": [],
        "clean": None,
        "listed": None,
    }
    if options["clean"] and (lists := lists_in(options["lists"] or options["pairs"].parent)):
        screener = Screener(lists)
        report["lists"] = list(screener.vintages)
        report["clean"] = measure_alerts(screener, clean_names(options["clean"])).as_data()
        report["clean"]["entries"] = len(screener.entries)
        report["clean"]["listed_names"] = screener.name_count
        if options["listed"]:
            report["listed"] = measure_listed(screener, every=options["listed"]).as_data()
    if options["errors"]:
        report["errors"] = [
            _error(each) for each in judged if each.pair.is_match != (each.score >= threshold)
        ]
    return report


def _error(each: Judged) -> dict[str, Any]:
    pair = each.pair
    return {
        "is_match": pair.is_match,
        "score": each.score,
        "quality": pair.label,
        "names": [pair.one, pair.other],
    }


def _table(report: dict[str, Any]) -> str:
    rows = {"overall": report["overall"], **report["by_quality"]}
    lines = [f"Screening {report['code_version']}, threshold {report['threshold']}", ""]
    lines += [f"{'':<10}{'pairs':>6}{'precision':>11}{'recall':>8}{'F1':>8}"]
    lines += [
        f"{label:<10}{row['pairs']:>6}{row['precision']:>11.3f}{row['recall']:>8.3f}{row['f1']:>8.3f}"
        for label, row in rows.items()
    ]
    if report["strong_recall"] is not None:
        lines += ["", f"STRONG matches caught: {report['strong_recall']:.1%}"]
    if report["folds"]:
        scores = [fold["f1"] for fold in report["folds"]]
        chosen = ", ".join(f"{fold['threshold']:.2f}" for fold in report["folds"])
        lines.append(
            f"{len(scores)} folds, threshold chosen on the rest ({chosen}): "
            f"F1 {sum(scores) / len(scores):.3f} ({min(scores):.3f} to {max(scores):.3f})"
        )
    return "\n".join([*lines, "", *_clean_lines(report), *map(str, report.get("errors", []))])


def _clean_lines(report: dict[str, Any]) -> list[str]:
    clean = report["clean"]
    if clean is None:
        return ["Clean names: not measured, there are no lists (--lists FOLDER)."]
    return [
        f"Clean names: {clean['alerts']} alerts in {clean['names']} ({clean['rate']:.2%})",
        f"One name against {clean['listed_names']} names of {clean['entries']} entries: "
        f"{clean['mean_ms']:.1f} ms mean, {clean['median_ms']:.1f} median, {clean['p95_ms']:.1f} p95",
        *_listed_lines(report["listed"]),
        *report["lists"],
    ]


def _listed_lines(listed: dict[str, Any] | None) -> list[str]:
    if listed is None:
        return []
    return [
        f"Listed names and strong aliases: {listed['names'] - len(listed['lost'])} of {listed['names']} find themselves; "
        f"{listed['mean_ms']:.1f} ms mean, {listed['p95_ms']:.1f} p95, {listed['p99_ms']:.1f} p99",
        *listed["lost"][:20],
    ]
