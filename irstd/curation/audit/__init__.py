"""The audit of a dataset: files, labels, splits and leaks between them, figures, a picture."""
