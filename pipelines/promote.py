"""Register the bundles and let the gate choose the champion: measure, register, compare, decide, set the alias."""

import os
from functools import partial

from irstd.project.instructions import use_instructions
from irstd.settings.load import load_settings
from pipelines.door.command import Work, command


@command
def main() -> Work:
    """Register the bundles that are there, and let the gate choose the champion."""
    settings = load_settings()
    use_instructions(settings.train.instructions, os.environ)  # before torch is imported
    from pipelines.promote import promote

    return partial(promote, settings)


from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from irstd.comparison.compare import Comparison
from irstd.evaluation.score_card import read_card
from irstd.models.bundle import load_detector
from irstd.project.environment import find_root
from irstd.project.paths import Layout
from irstd.promotion import Candidate, Champion, Verdict, decide, nominate
from irstd.promotion.candidates import (
    DECIDING,
    bundle_mb,
    compare_today,
    contest_of,
    deciding_frames,
    evaluation_set,
    latency_ms,
    limits_of,
    points,
    present_champion,
)
from irstd.promotion.champions import WITHDRAWN_TAG, crown, set_challenger
from irstd.promotion.history import BY_GATE
from irstd.promotion.record import KEPT, Outcome, describe, require_room_for_record, write_record
from irstd.settings.project import Settings
from irstd.tracking import Run, Store, Version, open_store, register
from irstd.tracking.lineage import dataset_ref, open_variant_run
from pipelines.door.console import say
from pipelines.door.flows import stage, step

Versions = Mapping[str, Version]


@dataclass(frozen=True)
class Entry:
    """A candidate with its bundle's folder and its run."""

    candidate: Candidate
    folder: Path
    run: Run


@stage(name="promote")
def promote(settings: Settings) -> None:
    """The gate's decision on the bundles that are there; reasons and figures go to a file and to the registry.

    Doing it again with the same bundles changes nothing.
    """
    where, store, limits = Layout(settings.dataset), open_store(find_root()), limits_of(settings)
    torch.set_num_threads(settings.compute.fit.cpus)
    frames = evaluation_set(where, list(settings.variants))
    entries = [measure(store, where, variant, settings) for variant in settings.variants]
    versions = {each.candidate.bundle: register_bundle(store, each) for each in entries if each.candidate.trained}
    candidates = [_with_history(each.candidate, versions) for each in entries]
    champion, challenger, contest, comparison = present_champion(store), nominate(candidates, limits), None, None
    if challenger is not None and (champion is None or challenger.bundle != champion.bundle):
        rival = versions[challenger.bundle]
        set_challenger(store, rival)
        comparison = compare(store, where, [*([champion.version] if champion else []), rival.number], settings)
        contest = contest_of(comparison, rival.number, settings.budget.metric)
    decision = decide(candidates, champion, contest, limits)
    outcome = Outcome(KEPT, _why(decision.verdicts), decision.verdicts, versions, comparison, frames)
    if decision.changed and decision.champion is not None:
        outcome = replace(outcome, action=BY_GATE, why=_why([v for v in decision.verdicts if v.champion]))
    conclude(store, settings, outcome, champion)


@step(name="measure", run_name="measure {variant}")
def measure(store: Store, where: Layout, variant: str, settings: Settings) -> Entry:
    """The variant's figures; ms/frame is measured once a bundle, again where it was too long, and kept in its run."""
    card, metric = read_card(where.scores(variant)), settings.budget.metric
    loaded = load_detector(where.bundle(variant))
    tracked = open_variant_run(store, dataset_ref(where), variant)
    kept = f"latency_ms_{loaded.hash[:12]}"
    latency = tracked.figure_of(kept)
    if latency is None or latency > settings.gate.latency_ms:  # the machine may have been busy
        today = latency_ms(loaded, deciding_frames(where))
        latency = today if latency is None else min(today, latency)
        tracked.figures({kept: latency, "latency_ms": latency})
    tracked.end()
    candidate = Candidate(
        variant=variant,
        bundle=loaded.hash,
        trained=card.trained,
        score=points(getattr(card.splits[DECIDING], metric), metric),
        parameters=card.parameters,
        gmac_512=card.gmac_512,
        latency_ms=latency,
        bundle_mb=bundle_mb(where.bundle(variant)),
    )
    return Entry(candidate, where.bundle(variant), tracked)


@step(name="register")
def register_bundle(store: Store, entry: Entry) -> Version:
    """The registered version of a bundle: the one there is, or a new one."""
    return register(store, entry.run, entry.folder, {"irstd.variant": entry.candidate.variant})


@step(name="compare")
def compare(store: Store, where: Layout, versions: Sequence[str], settings: Settings) -> Comparison:
    """Champion, if there is one, and challenger, as the registry gives them, on the validation frames, today."""
    return compare_today(store, where, versions, settings.compute.seed, lambda line: say(f"promote: {line}"))


@step(name="conclude")
def conclude(store: Store, settings: Settings, outcome: Outcome, champion: Champion | None) -> None:
    """What was decided, in the registry and on file; to set the alias is the one step that changes the champion."""
    held = champion.bundle if champion else None
    for verdict in outcome.verdicts:
        each = verdict.candidate
        if each.bundle in outcome.versions and each.bundle != held and not each.withdrawn:
            describe(store, Layout(settings.dataset), outcome, verdict)
    if outcome.action != KEPT:
        new = next(outcome.versions[v.candidate.bundle] for v in outcome.verdicts if v.champion)
        require_room_for_record()
        crown(store, new, BY_GATE, outcome.why, champion.version if champion else None)
    write_record(store, settings, outcome)
    for verdict in outcome.verdicts:
        said = "champion" if verdict.champion else "no"
        say(f"promote {verdict.candidate.variant}: {said}; {'; '.join(verdict.reasons)}")


def _with_history(candidate: Candidate, versions: Versions) -> Candidate:
    """The candidate, with why it was taken back if it was."""
    version = versions.get(candidate.bundle)
    return replace(candidate, withdrawn=version.tags.get(WITHDRAWN_TAG, "")) if version else candidate


def _why(verdicts: Sequence[Verdict]) -> str:
    return " | ".join(f"{each.candidate.variant}: {'; '.join(each.reasons)}" for each in verdicts)
