"""SPIRE-plus: centres and pixels of targets at a frame's own scale. Ours."""
