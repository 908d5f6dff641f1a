"""Why a fit is what it is, in one sentence for a person."""

from __future__ import annotations

from collections.abc import Sequence

from app.models.contexts import LEAST
from app.models.fit import Candidate, Fit
from app.models.machine import Machine

_GB = 1_000_000_000


def explain(fit: Fit, machine: Machine, candidates: Sequence[Candidate] = ()) -> str:
    """One sentence: where the model goes, and what decided it. `candidates` are what was chosen from."""
    name = fit.candidate.quantization or "This model"
    if not fit.fits:
        even = "even " if fit.plan.n_ctx <= LEAST else ""
        return (
            f"{name} needs {gigabytes(fit.missing)} more memory than this machine has free, "
            f"{even}with a context of {fit.plan.n_ctx:,} tokens."
        )
    if fit.where == "cpu":
        return _without_gpu(fit, machine, name, candidates)
    if fit.where == "gpu":
        return _whole(fit, machine, name, candidates)
    return _split(fit, machine, name)


def gigabytes(count: int) -> str:
    """Bytes as a person reads them: "18.2 GB", "240 MB"."""
    return f"{count / _GB:.1f} GB" if count >= _GB else f"{count / 1_000_000:.0f} MB"


def _gpu(machine: Machine, your: str = "your") -> str:
    titles = [gpu.title for gpu in machine.gpus]
    return f"{your} {titles[0]}" if len(titles) == 1 else f"{your} {len(titles)} GPUs"


def _whole(fit: Fit, machine: Machine, name: str, candidates: Sequence[Candidate]) -> str:
    finer = [c for c in candidates if c.size > fit.candidate.size]
    rest = f", and {gigabytes(fit.spare(machine))} to spare"
    if finer:
        next_one = min(finer, key=lambda candidate: candidate.size)
        would = f"{next_one.quantization} ({gigabytes(next_one.size)})"
        roomy = fit.spare(machine) > next_one.size - fit.candidate.size
        rest += f"; {would} would hardly be better" if roomy else f"; there is too little room for {would}"
    return f"{name} fits {_gpu(machine)}, with a context of {fit.plan.n_ctx:,} tokens{rest}."


def _split(fit: Fit, machine: Machine, name: str) -> str:
    free = f"{gigabytes(machine.gpu_free)} free on {_gpu(machine)}"
    if fit.plan.cpu_experts:
        return (
            f"{name} is larger than the {free}, so the experts of {fit.plan.cpu_experts} of "
            f"{fit.candidate.expert_blocks} blocks stay in RAM: slower, but few of them work at a time."
        )
    total = len(fit.candidate.layout.blocks) + 1
    return (
        f"{name} is larger than the {free}, so {fit.plan.n_gpu_layers} of {total} layers go there and "
        "the processor computes the others."
    )


def _without_gpu(fit: Fit, machine: Machine, name: str, candidates: Sequence[Candidate]) -> str:
    have = "has" if len(machine.gpus) == 1 else "have"
    why = f"{_gpu(machine, 'Your')} {have} too little memory" if machine.gpus else "There is no GPU to use"
    small = ", and the smallest file answers fastest" if len(candidates) > 1 else ""
    taken = gigabytes(fit.estimate.total)
    return f"{why}{small}: {name} takes {taken} of the {gigabytes(machine.ram_free)} of free RAM."
