"""Masks to points to responses, and back to detections and masks."""
