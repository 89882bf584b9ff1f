"""The commands and their options. Each imports its work when it runs, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

from irstd.cli.data_commands import data
from irstd.cli.faults import OneLineGroup
from irstd.cli.model_commands import models

app = typer.Typer(
    cls=OneLineGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help names every option in full
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Infrared small target detection: from labelled frames to a promoted model, and detections on frames.",
    epilog="The whole pipeline, in a project's folder: `dvc repro`, or `python -m pipelines.reproduce --promote`.",
)
app.add_typer(data, name="data")
app.add_typer(models, name="models")


def main() -> None:
    """Run the command that `irstd` was called with."""
    app()


def _version(asked: bool) -> None:
    if asked:
        from irstd import __version__  # noqa: PLC0415 - read from the package's metadata when asked for

        typer.echo(f"irstd {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a fault.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of every command; --debug is looked for before they are parsed."""


@app.command("detect")
def detect(  # noqa: PLR0913, PLR0917 - a command has its options
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATHS",
            help="Images, videos, folders, patterns such as 'night/**/*.png', addresses (rtsp://, http://).",
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            help="pretrained, models:/NAME@ALIAS, models:/NAME/VERSION, a bundle's folder or a FILE.onnx of `irstd "
            "export`. Default: the project's champion, without one pretrained."
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for detections.csv and overlays.")] = Path("detections"),
    overlays: Annotated[bool, typer.Option("--overlays/--no-overlays", help="Draw what was found.")] = True,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Keep all that score so much, 64 a frame at most, whatever the model's own rules. "
            "With 0.1 and --raw the table is what `irstd score --detections` needs."
        ),
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(help="Keep as many as have this share of real targets on the model's validation frames."),
    ] = None,
    false_alarms_per_frame: Annotated[
        float | None,
        typer.Option(help="Keep as many as have so few false alarms a frame on the model's validation frames."),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Write the model's own scores, not probabilities.")] = False,
    truth: Annotated[
        Path | None,
        typer.Option(metavar="CSV", help="True targets: frame, x, y. Pictures then tell hits, misses, false alarms."),
    ] = None,
) -> None:
    """Find small targets in frames and videos: a table and pictures.

    Frames are 8- or 16-bit images, pages of a TIFF, or frames of a video or
    stream, which are called FILE/000012 from 0 on. detections.csv has frame,
    x, y, score of every detection above the model's operating threshold, and
    time (s) where a video is among them; x and y are in pixels from the
    centre of the top left one. Every image gets a picture, every video an
    annotated one (WebM, which browsers play). Ctrl-C ends a stream and keeps
    what was found.

    The score is the probability of a real target if the model is calibrated,
    which the last line tells; --threshold is in the same unit. --precision
    and --false-alarms-per-frame hold on the frames that the model was
    validated on, and on others as far as they are alike: for larger frames
    count false alarms a megapixel, which the last line has too. A frame that
    cannot be read is named at the end; the others are done.
    """
    _check_range("--threshold", threshold, most=1)
    _check_range("--precision", precision, most=1)
    _check_range("--false-alarms-per-frame", false_alarms_per_frame, least=0)
    if sum(each is not None for each in (threshold, precision, false_alarms_per_frame)) > 1:
        raise typer.BadParameter("give one of --threshold, --precision and --false-alarms-per-frame")
    from irstd.cli.detection import DetectWish, detect_in  # noqa: PLC0415
    from irstd.cli.operating_point import OperatingWish  # noqa: PLC0415

    wish = OperatingWish(threshold, precision, false_alarms_per_frame, raw)
    detect_in(paths, model, out, wish, DetectWish(overlays, truth))


@app.command("train")
def train(  # noqa: PLR0913, PLR0917 - a command has its options
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="A dataset of the project, or its folder.")],
    variant: Annotated[str, typer.Option(help="A row of params.yaml, or a detector of `irstd models`.")] = "spire-plus",
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Over it: train.steps=2000, model.color=rgb; repeatable."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="A recipe, name or file. Default: that of params.yaml, outside a project none.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to fill. Default: trained/DATASET-VARIANT.")] = None,
    device: Annotated[str, typer.Option(help="cpu, cuda or auto: a GPU if there is one.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="On the CPU; bytes depend on it. Default: compute.fit.cpus, else 2.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Default: compute.seed of params.yaml, else 7.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Score the test split too, once, at the end.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a finished fit in the folder.")] = False,
) -> None:
    """Train a detector on a dataset, without the pipeline.

    It leaves a bundle for `irstd detect --model`, the learning curve and the
    scores. Nothing is searched, registered or versioned; `dvc repro` does
    that. A detector that irstd ships trained starts from those weights. After
    Ctrl-C the same command goes on from the last validation.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise typer.BadParameter(f"must be auto, cpu or cuda, got {device}", param_hint="'--device'")
    from irstd.cli.training import TrainWish, train_model  # noqa: PLC0415

    train_model(dataset, TrainWish(variant, profile, changes or (), out, seed, threads, device, test, replace))


@app.command("config")
def config(
    section: Annotated[
        str | None,
        typer.Argument(metavar="SECTION", help="train, gate, …; train.steps; model.DETECTOR. Default: all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    as_page: Annotated[bool, typer.Option("--markdown", help="Print the page docs/settings.md.")] = False,
) -> None:
    """Show settings: meaning, range, default, and who sets them.

    In a project's folder each has the value in force and the file that sets
    it: params.yaml, its profile, or neither; below it the variants that have
    a value of their own.
    """
    from irstd.cli.configuring import print_page, show_config  # noqa: PLC0415

    if as_page:
        if section is not None or as_json:
            raise typer.BadParameter("--markdown prints all settings and goes with nothing else")
        print_page()
    else:
        show_config(section, as_json=as_json)


@app.command("serve")
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one, which the first line tells.")] = 8000,
    host: Annotated[
        str, typer.Option(help="Other addresses than loopback need a token in IRSTD_SERVE_TOKEN.")
    ] = "127.0.0.1",
    model: Annotated[
        str | None,
        typer.Option(
            help="pretrained, models:/NAME@ALIAS, models:/NAME/VERSION, a bundle's folder or an ONNX file. Default: "
            "the project's champion, without one pretrained."
        ),
    ] = None,
) -> None:
    """Serve a model: POST /detect, and a page at / to try it.

    The page takes frames or a video and shows what is found, for any
    threshold. /health, /ready, /metrics (Prometheus), /model and
    /openapi.json are there too. A new champion of the project is taken over
    while requests go on, unless --model names another model.
    """
    from irstd.cli.serving import serve_model  # noqa: PLC0415

    serve_model(host, port, model)


def _check_range(option: str, value: float | None, *, least: float | None = None, most: float = 1e6) -> None:
    """Raise unless an option that is given lies in its range, (0, most] without `least`."""
    if value is None or ((value > 0 if least is None else value >= least) and value <= most):
        return
    span = f"(0, {most:g}]" if least is None else f"[{least:g}, {most:g}]"
    raise typer.BadParameter(f"must lie in {span}, got {value:g}", param_hint=f"'{option}'")


@app.command("export")
def export(
    model: Annotated[
        str, typer.Argument(metavar="BUNDLE", help="pretrained, models:/NAME@ALIAS, models:/NAME/VERSION or a folder.")
    ],
    out: Annotated[Path, typer.Option(help="The file.")],
    format_: Annotated[str, typer.Option("--format", help="onnx; there is no other yet.")] = "onnx",
    half: Annotated[
        bool, typer.Option("--half", help="Store weights in 16 bit: half the file, the same speed.")
    ] = False,
) -> None:
    """Write a model to a file that runs without torch.

    Batch, height and width of the file's input are free, BatchNorm is folded,
    and its metadata says how frames go in and detections come out.
    `irstd detect FRAMES --model FILE.onnx` runs it, and so does
    examples/detect_onnx.py without irstd.
    """
    if format_ != "onnx":
        raise typer.BadParameter(f"must be onnx, got {format_}", param_hint="'--format'")
    from irstd.cli.exporting import export_model  # noqa: PLC0415

    export_model(model, out, half=half)


@app.command("score")
def score(  # noqa: PLR0913, PLR0917 - a command has its options
    truth: Annotated[
        str, typer.Option(metavar="NAME_OR_FOLDER", help="A dataset of the project, its folder, or one of masks.")
    ],
    responses: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Responses, one file a frame: .png, .tif or .npy.")
    ] = None,
    detections: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Points, one row a target: frame, x, y, score.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="train, val, test or all. Default: test where the truth has splits.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The frames, for detections on a plain folder of masks.")
    ] = None,
    threshold: Annotated[float, typer.Option(help="The headline figures are taken at it; HSE is not.")] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with all digits, instead of tables.")] = False,
) -> None:
    """Score anyone's predictions: HSE, its parts and the usual figures.

    Predictions and masks match by name without suffix; a mask may be called
    NAME_mask, NAME_gt or NAME_pixels0. Responses have the frame's size and
    lie in [0, 1]: 8 bit is divided by 255, 16 bit by 65535, floats (.tif,
    .npy) are taken as they are. Detections need all points scored 0.1 or
    more, not only those above an operating threshold, since HSE looks at
    every threshold from there on: `irstd detect --threshold 0.1 --raw` writes
    them so; x and y are pixels from the centre of the top left one. A frame
    without rows has none. The pixels of points come from one fixed step; what
    the true points get by it is told beside HSE.
    """
    given = [each for each in (responses, detections) if each is not None]
    if len(given) != 1:
        raise typer.BadParameter("needed is one of --responses and --detections")
    from irstd.cli.scoring import show_score  # noqa: PLC0415

    show_score(given[0], truth, split, images, threshold, points=detections is not None, as_json=as_json)


@app.command("compare")
def compare(  # noqa: PLR0913, PLR0917 - a command has its options
    first: Annotated[Path, typer.Argument(metavar="FIRST", help="What the others are compared with.")],
    others: Annotated[list[Path], typer.Argument(metavar="OTHERS", help="One or more to compare with it.")],
    split: Annotated[str, typer.Option(help="Of which split.")] = "test",
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples; the same gives the same intervals.")] = 0,
    frames: Annotated[int, typer.Option(min=0, help="How many of the frames that changed are shown.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead, with every figure and frame.")] = False,
) -> None:
    """Compare models on the same frames.

    Scores, differences and the frames that changed are shown. Each model is
    the folder of an evaluation, or its counts.parquet. Nothing is recomputed:
    95 % intervals come from resampling the stored counts of frames, for a
    difference with the same frames for both. Targets are grouped by size and
    local contrast; false alarms on frames without a target are listed apart.

    A pattern with one *, in quotes, names several fits of one variant, such
    as those of several seeds: 'scores/plain-*' against 'scores/fdep-*'. Their
    figures are averaged, and fits and frames are resampled together; a fit is
    paired with the other's for which * stands for the same.
    """
    from irstd.cli.comparing import compare_models  # noqa: PLC0415

    compare_models([first, *others], split, seed, frames, as_json=as_json)
