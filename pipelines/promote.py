"""Register the bundles that are there, and let the gate choose the champion: `python -m pipelines.promote`."""

from functools import partial

from pipelines.door.command import Work, command, settings_for_promotion


@command
def main() -> Work:
    """Register the bundles that are there, and let the gate choose the champion."""
    settings = settings_for_promotion()
    from pipelines.promote import promote

    return partial(promote, settings)


import torch

from irstd.comparison.compare import Comparison
from irstd.files.json_files import read_json
from irstd.project.environment import find_root
from irstd.project.paths import PROMOTION, Layout
from irstd.promotion.candidates import Registered, register_variant
from irstd.promotion.champions import set_challenger, set_champion
from irstd.promotion.contest import compare_today, contest_of, current_champion, evaluation_set, limits_of
from irstd.promotion.describe import describe
from irstd.promotion.figures import Champion, Limits
from irstd.promotion.gate import decide, nominate
from irstd.promotion.history import BY_GATE
from irstd.promotion.outcome import Outcome, outcome_of
from irstd.promotion.record import require_room_for_record, write_record
from irstd.report.champion import PAGE, champion_markdown, write_champion
from irstd.settings.project import Settings
from irstd.tracking.registry import Version
from irstd.tracking.store import Store, open_store
from pipelines.door.artifacts import show_link, show_text
from pipelines.door.console import say
from pipelines.door.flows import stage, step


@stage(name="promote")
def promote(settings: Settings) -> Outcome:
    """Measure and register the bundles, compare the best with the champion, decide, and set the champion.

    With the same bundles again nothing changes.

    Raises:
        DataError: a variant is not evaluated, or on other frames.
        RegistryError: the registry refuses, or another version became champion meanwhile.
    """
    where, store, limits = Layout(settings.dataset), open_store(find_root()), limits_of(settings)
    torch.set_num_threads(settings.compute.fit.cpus)
    frames = evaluation_set(where, list(settings.variants))
    registered = [register(store, where, variant, limits) for variant in settings.variants]
    candidates = [each.candidate for each in registered]
    versions = {each.candidate.bundle: each.version for each in registered if each.version}
    champion, challenger, comparison = current_champion(store), nominate(candidates, limits), None
    if challenger is not None and (champion is None or challenger.bundle != champion.bundle):
        comparison = compare(settings, store, champion, versions[challenger.bundle])
    contest = contest_of(comparison, limits.figure) if comparison else None
    decision = decide(candidates, champion, contest, limits)
    outcome = outcome_of(decision, champion, versions, comparison, frames)
    conclude(settings, store, outcome)
    return outcome


@step(name="register", run_name="register {variant}")
def register(store: Store, where: Layout, variant: str, limits: Limits) -> Registered:
    """Measure and register the bundle of a variant."""
    found = register_variant(store, where, variant, limits)
    if found.version is not None and found.version.mended:
        say(f"promote {variant}: version {found.version.number} did not load, so its files are written again")
    return found


@step(name="compare")
def compare(settings: Settings, store: Store, champion: Champion | None, challenger: Version) -> Comparison:
    """Score the champion, if there is one, and the challenger on the validation frames."""
    set_challenger(store, challenger)
    numbers = [*([champion.version] if champion else []), challenger.number]
    where, seed = Layout(settings.dataset), settings.compute.seed
    return compare_today(store, where, numbers, seed, lambda line: say(f"promote: {line}"))


@step(name="conclude")
def conclude(settings: Settings, store: Store, outcome: Outcome) -> None:
    """Write the verdicts to the versions, set the champion if it changed, and write the record."""
    before, held = outcome.before, outcome.before.bundle if outcome.before else None
    for verdict in outcome.verdicts:
        each = verdict.candidate
        if each.bundle in outcome.versions and each.bundle != held and not each.withdrawn:
            describe(store, Layout(settings.dataset), outcome, verdict)
    if outcome.changed and outcome.champion is not None:
        require_room_for_record()
        version = outcome.versions[outcome.champion.bundle]
        set_champion(store, version, BY_GATE, outcome.why, before.version if before else None)
    write_record(store, settings, outcome)
    record = read_json(PROMOTION)
    write_champion(record)
    show_text(f"champion-{settings.dataset}", champion_markdown(record), "the champion, and what changed")
    show_link("champion-page", PAGE, "the page of the champion")
    for verdict in outcome.verdicts:
        say(f"promote {verdict.candidate.variant}: {'champion' if verdict.champion else 'no'}; {verdict.why}")
