"""Random commands to a queue on a bad network: whatever is done, what is wanted in the end is there."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest

from app.models.downloads import State
from app.models.pacing import Retry
from app.models.session import HubSettings
from tests.models.conftest import content
from tests.models.desk import Desk
from tests.models.hub_server import HubServer

SIZES = {"one/A-GGUF": 1_500_000, "two/B-GGUF": 700_000, "three/C-GGUF": 900_000}
_STEPS = 40


def walk(root: Path, server: HubServer, seed: int) -> int:
    """Forty random steps, then all that was not thrown away is finished; how many models there are."""
    chance = random.Random(seed)
    tick = threading.Event()
    for number, (repo, size) in enumerate(SIZES.items()):
        data = content(size, seed * 10 + number)
        parts = {f"m-0000{part}-of-00002.gguf": data[(part - 1) * 400_000 :][:400_000] for part in (1, 2)}
        server.add(repo, parts if size <= 800_000 else {"m-Q4_0.gguf": data}, cardData={"license": "mit"})
    # Slow enough that commands come while bytes do.
    server.pace = lambda: tick.wait(0.002) and None
    settings = HubSettings(endpoint=server.endpoint)
    patient = Retry(attempts=50, first_s=0.005, longest_s=0.02)
    wanted: dict[str, str] = {}
    for _life in range(2):
        with Desk(root, settings, retry=patient) as desk:
            for _step in range(_STEPS // 2):
                _step_once(desk, server, chance, wanted)
                tick.wait(chance.uniform(0, 0.02))
    server.faults, server.interruptions = [], []
    with Desk(root, settings) as desk:
        known = {repo: desk.add(repo) for repo in wanted}
        for download in known.values():
            desk.until(download, State.DONE)
    models = {f"{repo}/{path}": data for repo, files in server.repos.items() for path, data in files.items()}
    found = {path for path in desk.paths.models.rglob("*") if path.is_file()}
    assert found >= {desk.paths.models / repo / path for repo in wanted for path in server.repos[repo]}
    # A model that was done, and asked for once more, stays when that is cancelled.
    for path in found:
        assert path.read_bytes() == models[path.relative_to(desk.paths.models).as_posix()]
    return len(wanted)


def _step_once(desk: Desk, server: HubServer, chance: random.Random, wanted: dict[str, str]) -> None:
    """One command or one fault."""
    repo = chance.choice(list(SIZES))
    do = chance.choice(("add", "add", "pause", "resume", "cancel", "discard", "cut", "error"))
    if do == "add":
        server.faults = [fault for fault in server.faults if fault.route != "api"]
        wanted[repo] = desk.add(repo)
    elif do == "cut":
        server.interruptions.append((chance.randrange(SIZES[repo]), lambda: chance.choice(("cut", "reset"))))
        server.interruptions.sort(key=lambda planned: planned[0])
    elif do == "error":
        server.fail(route=chance.choice(("resolve", "storage")), status=chance.choice((500, 503)))
    elif repo in wanted:
        if do == "discard" and any(
            status.id == wanted[repo] and status.state is State.CANCELLED
            for status in desk.downloads.statuses()
        ):
            desk.downloads.discard(wanted.pop(repo))
        elif do != "discard":
            getattr(desk.downloads, do)(wanted[repo])


@pytest.mark.parametrize("seed", range(2))
def test_a_few_walks(seed: int, tmp_path: Path, server: HubServer) -> None:
    walk(tmp_path / "data", server, seed)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_many_walks(tmp_path: Path, server: HubServer) -> None:
    finished = [walk(tmp_path / str(seed), server, seed) for seed in range(100, 160)]
    assert sum(finished) > 60
