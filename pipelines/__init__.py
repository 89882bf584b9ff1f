"""Thin Prefect flows over irstd, and the one door to Prefect and DVC.

Prefect and MLflow read their environment when they are imported, so it is prepared here, before any flow's imports.
"""

from irstd.errors import SettingsError
from irstd.project.environment import find_root, prepare_environment
from pipelines.servers.prefect_access import secure_prefect

try:
    prepare_environment(find_root())
    secure_prefect()
except SettingsError:  # no project, or none that can be written to: the command line says so in one line
    prepare_environment(None)
