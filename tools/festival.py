"""The figure of a year around Spring Festival: ``python -m tools.festival [PICTURE] [OVERRIDE ...]``.

Without a picture's name it goes to ``results/festival.png``. Overrides are those of a scenario (``scale=0.01``).
"""

from __future__ import annotations

import sys
from pathlib import Path

from sim.model import MarketModel
from sim.records.period import Period
from sim.records.recorder import Recorder
from sim.report.festival import PANELS, FestivalYear, draw, festival_year, moving_mean
from sim.scenario import load_scenario

SCENARIO = "scenarios/baseline.yaml"
YEAR = ("period.start=2025-10-01", "period.days=366", "period.warm_up_days=28", "scale=0.005")


def simulate(overrides: tuple[str, ...]) -> FestivalYear:
    """Run the baseline over a festival and return the daily series."""
    scenario = load_scenario(SCENARIO, (*YEAR, *overrides))
    settings = scenario.settings
    recorder = Recorder(Period(settings.period.start, settings.period.days, 0), settings.scale, "none")
    model = MarketModel(scenario, recorder)
    recorder.begin(model.world)
    model.run_days(settings.period.days)
    model.close()
    recorder.finish(model.ledger_totals())
    return festival_year(recorder.recorded(), model.market.calendar.days_to_spring_festival)


def main(arguments: list[str]) -> None:
    """Draw the picture and print the year's weekly means at some days around the festival."""
    pictures = [argument for argument in arguments if argument.endswith(".png")]
    path = Path(pictures[0] if pictures else "results/festival.png")
    year = simulate(tuple(argument for argument in arguments if "=" in argument))
    draw(year, path)
    lines = [
        f"{path}: New Year's Day {', '.join(map(str, year.new_year))}; fewest workers around {year.trough}"
    ]
    lines.append("days from New Year  " + "".join(f"{name:>12}" for name in PANELS))
    for shift in (-60, -28, -14, -7, 0, 7, 14, 28, 60):
        at = int((year.new_year[0] - year.dates[0]).astype(int)) + shift
        if 0 <= at < len(year.dates):
            values = (moving_mean(getattr(year, name))[at] for name in PANELS)
            lines.append(f"{shift:>18}  " + "".join(f"{value:>12.4g}" for value in values))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
