"""The one door to MLflow: its store, runs and model registry.

Here are only the names under which things stand there, since MLflow takes seconds to import.
"""

MODEL = "irstd"
"""The registered model."""
TURNS = f"{MODEL}-turns"
"""A registered model whose versions are turns (`irstd.tracking.turns`)."""
CHAMPION = "champion"
"""The alias of the version in use."""
BUNDLE_TAG = "irstd.bundle"
"""The tag with the hash of a version's bundle."""
VARIANT_TAG, DETECTOR_TAG = "irstd.variant", "irstd.detector"
PROCESS_TAG = "irstd.process"
"""The tag of the process that writes to a run or holds a turn."""
