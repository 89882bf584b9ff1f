"""The one door to Ray: search trials, fits and scoring as tasks with the resources they are given."""
