"""Training of any detector: crops, fit, curve, checkpoint, and the job from settings to bundle."""
