"""What the gate looks at, and what it says."""

from dataclasses import dataclass

from irstd.settings.gate import Budget, Gate

Ends = tuple[float, float]


@dataclass(frozen=True)
class Candidate:
    """A bundle that asks to be champion, with the figures that its evaluation left.

    Attributes:
        variant: its variant's name.
        bundle: hash of the bundle.
        trained: False for a detector without weights, which is a floor to compare with and never registered.
        score: on the validation split, 0 to 100, higher is better; None where undefined.
        parameters: weights of the deployed network.
        gmac_512: multiply-accumulates for a 512 × 512 input, in 1e9.
        latency_ms: a frame's, measured on the machine that promotes.
        bundle_mb: size of the bundle's files, in 1e6 bytes.
        withdrawn: why it must not come back by itself, since a person took it back; empty: it may.
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
    """Who is champion now: its version in the registry, its variant, the hash of its bundle."""

    version: str
    variant: str
    bundle: str


@dataclass(frozen=True)
class Measured:
    """A version scored today, as it came back from the registry; None where undefined.

    Attributes:
        score: 0 to 100, higher is better.
        pd: recall of targets at its operating threshold, 5 px.
        fa_per_mpx: area of false alarms there, px a megapixel.
    """

    score: float | None
    pd: float | None
    fa_per_mpx: float | None


@dataclass(frozen=True)
class Contest:
    """Challenger and champion on the same validation frames, today.

    Attributes:
        challenger, champion: their figures; no champion: the first is chosen.
        gain: the 95 % interval of what the challenger's score has more, paired by frames; None where undefined.
    """

    challenger: Measured
    champion: Measured | None
    gain: Ends | None


@dataclass(frozen=True)
class Limits(Gate, Budget):
    """Everything that the gate asks for: the sections `budget` and `gate` of params.yaml in one."""

    @property
    def score_name(self) -> str:
        """The name of the compared score, for messages."""
        return "HSE" if self.metric == "hse" else self.metric


@dataclass(frozen=True)
class Verdict:
    """What becomes of a candidate, and why: at least one reason."""

    candidate: Candidate
    champion: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """The hash of the bundle that is champion from now on (None: none is), and a verdict a candidate."""

    champion: str | None
    changed: bool
    verdicts: tuple[Verdict, ...]
