"""Statistics of simulation output: pure functions of arrays, which know no engine and no file.

One replication is one row. A comparison takes policy minus baseline, replication by replication, and says how large the
difference is, how sure that is, and whether there are replications enough. docs/statistics.md tells which to use when.
"""

from sim.experiments.statistics.batch_means import BatchMeans, batch_means
from sim.experiments.statistics.bootstrap import bootstrap_interval
from sim.experiments.statistics.equivalence import Equivalence, equivalence_test
from sim.experiments.statistics.interval import Interval
from sim.experiments.statistics.mean import mean_interval, mean_intervals
from sim.experiments.statistics.moments import Moments
from sim.experiments.statistics.paired import (
    PairedDifference,
    difference_table,
    paired_difference,
    variance_ratio,
)
from sim.experiments.statistics.precision import Decision, PrecisionRule, Standing
from sim.experiments.statistics.sample import SampleError
from sim.experiments.statistics.simultaneous import simultaneous_intervals
from sim.experiments.statistics.verdict import Verdict, verdict

__all__ = [
    "BatchMeans",
    "Decision",
    "Equivalence",
    "Interval",
    "Moments",
    "PairedDifference",
    "PrecisionRule",
    "SampleError",
    "Standing",
    "Verdict",
    "batch_means",
    "bootstrap_interval",
    "difference_table",
    "equivalence_test",
    "mean_interval",
    "mean_intervals",
    "paired_difference",
    "simultaneous_intervals",
    "variance_ratio",
    "verdict",
]
