"""Detectors against labelled frames: scores, their ceiling, operating thresholds; and anyone's predictions."""
