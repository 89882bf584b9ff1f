"""The one door to Prefect and DVC: command lines, flows and tasks, DVC's own commands."""
