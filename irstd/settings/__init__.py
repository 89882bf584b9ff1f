"""Settings: a frozen dataclass a section; each room imports its own. Only `load` needs pydantic."""
