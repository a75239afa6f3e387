"""`python -m benchmarks --rounds 7 --seconds 5`: one interleaved run, printed and kept in var/bench."""

import json
import os
import shutil
import sys
from argparse import ArgumentParser
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import redis

from benchmarks import load, report
from benchmarks.flows import FLOWS, WITH_ALL_GUARANTEES, Flow
from benchmarks.installation import PROJECT, Installation

SECRET = "a-secret-of-the-measurements-and-of-nothing-else-0123456789"  # noqa: S105  (databases made for the run)
MOST_A_SECOND = 800
"""How many requests are prepared for each second of a flow that uses them up: more than this machine answers."""

Samples = defaultdict[tuple[str, str], list[load.Sample]]


def main() -> None:
    options = _options()
    _need("wrk", "pgbench")
    folder = PROJECT / "var" / "bench"
    shutil.rmtree(folder, ignore_errors=True)
    run = Run(server=options.postgresql, redis_url=options.redis, seconds=options.seconds, folder=folder)
    try:
        run.set_up()
        for number in range(options.rounds):
            run.loads.append(os.getloadavg()[0])
            print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
            run.round(backwards=number % 2 == 1)
        run.finish()
    finally:
        run.tear_down()


class Run:
    def __init__(self, *, server: str, redis_url: str, seconds: int, folder: Path):
        self.server, self.seconds, self.folder = server, seconds, folder
        self.each = MOST_A_SECOND * seconds
        self.caches = _reachable(redis_url)
        self.samples: Samples = defaultdict(list)
        self.loads: list[float] = []
        self.ours = Installation(
            "ours",
            server=server,
            application="goodplay.wsgi:application",
            preparing="benchmarks.ours",
            health="/api/health/ready",
            folder=folder,
            **_production_settings(redis_url if self.caches else ""),
        )
        self.stock = Installation(
            "stock",
            server=server,
            application="benchmarks.stock.wsgi:application",
            preparing="benchmarks.stock.prepare",
            health="/bare",
            folder=folder,
            DJANGO_SETTINGS_MODULE="benchmarks.stock.settings",
            SECRET_KEY=SECRET,
        )

    def set_up(self) -> None:
        players = max(2 * self.each, 1000)
        print(f"seeding {players} players in each installation", file=sys.stderr)
        for installation in (self.ours, self.stock):
            installation.create()
        self.ours.prepare("seed", players=players, folder=str(self.ours.folder))
        self.stock.prepare("seed", players=players, games=1)
        load.prepare_pgbench(self.ours.url)
        (self.stock.folder / "bare.tsv").write_text("GET\t/bare\t\t\t\t\n")
        for installation in (self.ours, self.stock):
            installation.start()
            self._requests(installation)
            load.http(installation.port, installation.folder / "wallet.tsv", seconds=1)

    def round(self, *, backwards: bool) -> None:
        """Measure everything once; every other round the other way round, so that no order is favoured."""
        for installation in (self.ours, self.stock):
            self._requests(installation)
        measurements = [lambda flow=flow: self._flow(flow) for flow in FLOWS]
        measurements += [self._bare, self._select_only, self._like_tpcb]
        for measure in reversed(measurements) if backwards else measurements:
            measure()

    def _flow(self, flow: Flow) -> None:
        for installation in (self.ours, self.stock) if flow.has_twin else (self.ours,):
            path = installation.folder / f"{flow.name}.tsv"
            sample = load.http(installation.port, path, seconds=self.seconds, connections=flow.connections)
            installation.settle()
            self.samples[installation.name, flow.name].append(sample if flow.uses_up else _may_repeat(sample))

    def _bare(self) -> None:
        sample = load.http(self.stock.port, self.stock.folder / "bare.tsv", seconds=self.seconds)
        self.samples["ceiling", "bare Django view"].append(_may_repeat(sample))

    def _select_only(self) -> None:
        sample = load.pgbench(self.ours.url, "--select-only", seconds=self.seconds)
        self.samples["ceiling", "pgbench select-only"].append(sample)

    def _like_tpcb(self) -> None:
        self.samples["ceiling", "pgbench tpcb-like"].append(load.pgbench(self.ours.url, seconds=self.seconds))

    def _requests(self, installation: Installation) -> None:
        installation.prepare("requests", folder=str(installation.folder), each=self.each)

    def finish(self) -> None:
        paced = {flow: self._paced(flow) for flow in WITH_ALL_GUARANTEES}
        statements = {
            "ours": self.ours.prepare("count_statements", folder=str(self.ours.folder)),
            "stock": self.stock.prepare("count_statements"),
        }
        delivery = self.ours.prepare("deliver_some", name="donation_complete", count=40 * self.seconds)
        stories = self.ours.prepare("open_stories", count=40 * self.seconds)
        receipts = self.ours.prepare("print_receipts", count=40 * self.seconds)
        batches = {workers: self._carry_out_batches(workers) for workers in (1, 2)}
        books = self.ours.prepare("books")
        print("\n".join(report.lines(self.samples, statements["ours"])))
        print()
        for flow, (ceiling, sample) in paced.items():
            print(report.paced(flow, ceiling, sample))
        print(
            f"what follows a donation, carried afterwards: {delivery['milliseconds']} ms of one worker each"
        )
        print(
            f"stories open after a gift: {stories['median']} ms, 95 of 100 within {stories['of_a_hundred_95']} ms "
            "(at most 500 ms)"
        )
        print(
            f"receipts printed by one worker: {receipts['a_second']} a second, {receipts['milliseconds']} ms each"
        )
        for workers, lines_a_second in batches.items():
            print(f"batch lines carried out by {workers} worker(s): {lines_a_second:.0f} a second")
        print(f"SQL statements: {statements}")
        print(
            f"caches: {'Redis' if self.caches else 'memory of each process'}; books: {books or 'they balance'}"
        )
        print(f"load of this machine before each round: {', '.join(f'{load:.1f}' for load in self.loads)}")
        self._keep(statements)

    def _carry_out_batches(self, workers: int) -> float:
        """Return how many lines a second so many worker processes carry out together."""
        self.ours.prepare("hand_in_batches", lines=200 * self.seconds * workers)
        with ThreadPoolExecutor(workers) as pool:
            done = list(pool.map(lambda _: self.ours.prepare("work_on_batches"), range(workers)))
        lines = sum(each["lines"] for each in done)
        return lines / (max(each["ended"] for each in done) - min(each["began"] for each in done))

    def _paced(self, flow: str) -> tuple[float, load.Sample]:
        ceiling = report.middle(self.samples["ours", flow])
        self._requests(self.ours)
        path = self.ours.folder / f"{flow}.tsv"
        return ceiling, load.http(self.ours.port, path, seconds=self.seconds, rate=max(ceiling * 0.7, 1.0))

    def _keep(self, statements: object) -> None:
        rounds = {
            " ".join(key): [asdict(sample) for sample in samples] for key, samples in self.samples.items()
        }
        (self.folder / "result.json").write_text(
            json.dumps({"rounds": rounds, "statements": statements}, indent=1)
        )

    def tear_down(self) -> None:
        for installation in (self.ours, self.stock):
            installation.stop()
            installation.drop()
        if self.caches is not None:
            self.caches.flushdb()


def _options():
    parser = ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=5, help="how long each measurement lasts")
    default = os.environ.get("POSTGRESQL_URL", "postgres://goodplay:goodplay@127.0.0.1:5432/goodplay")
    parser.add_argument("--postgresql", default=default, help="a server whose role may create databases")
    parser.add_argument(
        "--redis", default="redis://127.0.0.1:6379/15", help="an empty Redis database, or none"
    )
    return parser.parse_args()


def _need(*programs: str) -> None:
    if missing := [program for program in programs if shutil.which(program) is None]:
        raise SystemExit(
            f"Not on this machine: {', '.join(missing)}. On Debian: apt install wrk postgresql-contrib"
        )


def _reachable(redis_url: str) -> redis.Redis | None:
    try:
        caches = redis.Redis.from_url(redis_url)
        caches.ping()
    except (redis.exceptions.RedisError, ValueError):
        return None
    if caches.dbsize():
        raise SystemExit(f"{redis_url} is not empty; name another one with --redis")
    return caches


def _production_settings(redis_url: str) -> dict[str, str]:
    """Everything as in production but the limits, which one machine posing as thousands would run into.

    Events go to the broker; their handlers run on workers, which are not on this machine while it is measured.
    """
    limits = {f"THROTTLE_{name}": "1000000/s" for name in ("READ", "WRITE", "MONEY", "SIGN_IN", "REGISTER")}
    return {
        "DJANGO_SETTINGS_MODULE": "goodplay.settings",
        "DEBUG": "false",
        "SECRET_KEY": SECRET,
        "FIELD_ENCRYPTION_KEYS": "a-key-of-the-measurement-and-of-nothing-els=",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "false",
        "JWT_ACCESS_TOKEN_EXPIRES_HOURS": "12",
        "REDIS_URL": redis_url,
        "CELERY_BROKER_URL": redis_url,
        "EVENT_STREAM_URL": "",
        "MONGODB_URL": "",
        "EMAIL_URL": "dummymail://",
        "WEBHOOKS_PER_MINUTE": "100000000",
        **limits,
    }


def _may_repeat(sample: load.Sample) -> load.Sample:
    return load.Sample(**{**asdict(sample), "repeated": 0})


if __name__ == "__main__":
    main()
