"""From what a run tells to what a researcher reads: tables, digests, indicators, manifests, results folders."""
