"""Models on the same frames: stored counts, pairing, resampling, differences with intervals."""
