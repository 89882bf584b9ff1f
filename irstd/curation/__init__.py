"""Making and checking datasets: importers, audit, splits, the demo set, prepared datasets, intake of new frames."""
