"""Evaluation of detectors and of anyone's predictions: scores, ceiling, operating threshold, score card."""
