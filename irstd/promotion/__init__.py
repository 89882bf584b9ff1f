"""Promotion: which registered version is champion, and why.

Pure (an import contract holds them to it): `figures`, `rules`, `gate`, `card`, `history`. Beside them, with the
registry: `candidates`, `contest`, `champions`, `describe`, `record`, `by_hand`. A new rule goes into `rules`.
"""
