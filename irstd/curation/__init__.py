"""Making and checking datasets: importers, audit, splits, the demo set, `prepare`, intake of new frames."""
