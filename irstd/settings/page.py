"""The reference of settings as a page of Markdown, docs/settings.md."""

from collections.abc import Iterable, Iterator

from irstd.settings.reference import Setting, SettingsGroup

_HEAD = """# Settings

Every setting, from the code itself: `irstd config --markdown` writes this page. `irstd config` shows the same with a
project's values and the file that sets each, `irstd config train` one section, `irstd config train.steps` one setting.

A value is that of the variant, `variants.NAME.train` or `.model`; else that of a section of `params.yaml`; else, for
`labels`, `tune` and `train`, that of the profile, where `detectors` counts more than `train`; else the default.
"""


def settings_page(groups: Iterable[SettingsGroup]) -> str:
    """Return the page: a table for each group."""
    return "\n".join([_HEAD, *(line for group in groups for line in _group(group))])


def _group(group: SettingsGroup) -> Iterator[str]:
    yield f"## {f'`{group.name}`' if group.name else 'Names at the top of params.yaml'}\n"
    yield f"{group.meaning}\n"
    yield "| setting | meaning | allowed | default |\n|---|---|---|---|"
    yield from (_row(each) for each in group.settings)
    yield ""


def _row(setting: Setting) -> str:
    default = f"`{setting.default}`" if setting.default else "must be given"
    cells = (f"`{setting.name}`", setting.meaning, setting.allowed, default)
    return f"| {' | '.join(cells)} |"
