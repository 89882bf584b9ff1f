"""The embedded Prefect server and Ray head."""
