"""The project a command works in: its root, its environment, its paths, its processes."""
