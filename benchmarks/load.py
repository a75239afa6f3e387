"""Running wrk and pgbench, and reading what they say."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.flows import CONNECTIONS

SCRIPT = Path(__file__).with_name("requests.lua")


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: answers a second, milliseconds at the percentiles, and what went wrong."""

    rate: float
    errors: int = 0
    repeated: int = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


def http(
    port: int, requests: Path, *, seconds: int, connections: int = CONNECTIONS, rate: float | None = None
) -> Sample:
    """Send the requests for some seconds, as fast as they are answered or at a fixed rate."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT)]
    command += [f"http://127.0.0.1:{port}", "--", str(requests)]
    printed = _output([*command, f"{rate:.3f}"] if rate else command)
    said = json.loads(printed.strip().splitlines()[-1])
    return Sample(
        rate=(said["requests"] - said["errors"]) / said["seconds"],
        errors=said["errors"],
        repeated=said["repeated"],
        p50=said["p50"],
        p95=said["p95"],
        p99=said["p99"],
    )


def prepare_pgbench(url: str) -> None:
    _output(["pgbench", "--initialize", "--quiet", "--scale=10", url])


def pgbench(url: str, *options: str, seconds: int) -> Sample:
    clients = [f"--client={CONNECTIONS}", "--jobs=2", f"--time={seconds}", "--no-vacuum"]
    printed = _output(["pgbench", *clients, *options, url])
    rate, failed = re.search(r"tps = ([\d.]+)", printed), re.search(r"failed transactions: (\d+)", printed)
    if rate is None:
        raise SystemExit(f"pgbench said:\n{printed}")
    return Sample(rate=float(rate[1]), errors=int(failed[1]) if failed else 0)


def _output(command: list[str]) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}")
    return done.stdout
