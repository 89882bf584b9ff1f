"""Infrared small target detection, from labelled frames to a promoted model."""
