"""Settings files: YAML with a mapping at its top."""

import re
from pathlib import Path
from typing import Any

import yaml

from irstd.errors import SettingsError


class _Loader(yaml.SafeLoader):
    """PyYAML takes `1e-4` for a text, as YAML 1.1 did; YAML 1.2, and DVC with it, take it for a number."""


_Loader.yaml_implicit_resolvers = {key: list(found) for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9][0-9_]*(\.[0-9_]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def read_yaml(path: Path, sections: tuple[str, ...], hint: str) -> dict[str, Any]:
    """Return the sections in a file as they are written; an empty one is a mapping without entries.

    Args:
        path: the file.
        sections: the sections that it may have.
        hint: what to do if it cannot be read.

    Raises:
        SettingsError: it cannot be read, is no YAML, or holds no sections.
    """
    try:
        content = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise SettingsError(f"{path}: cannot be read ({fault.strerror}); {hint}") from fault
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise SettingsError(f"{path}: is no YAML: {' '.join(str(fault).split())}") from fault
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: needs the sections {', '.join(sections)}")
    return {str(name): {} if part is None else part for name, part in content.items()}


def parse_yaml(text: str) -> Any:
    """Return the plain values of a text."""
    return yaml.load(text, _Loader)
