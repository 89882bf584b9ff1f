"""Values that the gate reads, and values that it returns."""

from dataclasses import dataclass

from irstd.metrics.headline import FIGURES
from irstd.settings.gate import Budget, Gate


@dataclass(frozen=True)
class Candidate:
    """A bundle that may become champion.

    Attributes:
        variant: the row of params.yaml.
        bundle: hash of the bundle.
        trained: False for a detector without weights, a baseline that is never registered.
        score: on the validation split, 0 to 100, higher is better; None where undefined.
        parameters: weights of the deployed network.
        gmac_512: multiply-accumulates for a 512 × 512 input, in 1e9.
        latency_ms: of a frame on the machine that promotes.
        bundle_mb: size of the bundle's files, in 1e6 bytes.
        withdrawn: the reason of a rollback, after which only a person makes it champion again; empty: none.
    """

    variant: str
    bundle: str
    trained: bool
    score: float | None
    parameters: int
    gmac_512: float
    latency_ms: float
    bundle_mb: float
    withdrawn: str = ""


@dataclass(frozen=True)
class Champion:
    """The champion: its version in the registry, its variant, the hash of its bundle."""

    version: str
    variant: str
    bundle: str


@dataclass(frozen=True)
class Measured:
    """A registered version scored today on validation; None where undefined.

    Attributes:
        score: 0 to 100, higher is better.
        pd: recall of targets at its operating threshold, 5 px.
        fa_per_mpx: area of false alarms at that threshold, px a megapixel.
    """

    score: float | None
    pd: float | None
    fa_per_mpx: float | None


@dataclass(frozen=True)
class Contest:
    """Challenger and champion scored today on the same validation frames.

    Attributes:
        challenger: figures of the challenger.
        champion: figures of the champion; None without one.
        gain: 95 % interval of challenger minus champion in score, paired by frames; None where undefined.
    """

    challenger: Measured
    champion: Measured | None
    gain: tuple[float, float] | None


@dataclass(frozen=True)
class Limits(Gate, Budget):
    """Everything that the gate asks for: the sections `budget` and `gate` of params.yaml in one."""

    @property
    def score_name(self) -> str:
        """The name of the compared score, for messages."""
        return FIGURES[self.figure].title


@dataclass(frozen=True)
class Case:
    """All that a rule sees of a challenger."""

    challenger: Candidate
    champion: Champion | None
    contest: Contest
    limits: Limits


@dataclass(frozen=True)
class Reason:
    """A reason of a verdict.

    Attributes:
        rule: id of the rule, for programs; the setting's name where the rule has a setting.
        text: the sentence, for people.
        value: the value that the rule looked at; None where there is none.
    """

    rule: str
    text: str
    value: float | None = None


@dataclass(frozen=True)
class Verdict:
    """The gate's verdict on a candidate, with at least one reason."""

    candidate: Candidate
    champion: bool
    reasons: tuple[Reason, ...]

    @property
    def why(self) -> str:
        """The reasons as one line."""
        return "; ".join(reason.text for reason in self.reasons)


@dataclass(frozen=True)
class Decision:
    """The decision on all candidates.

    Attributes:
        champion: hash of the bundle that is champion from now on; None: there is no champion.
        changed: True if that is another bundle than before.
        verdicts: one a candidate, in their order.
    """

    champion: str | None
    changed: bool
    verdicts: tuple[Verdict, ...]
