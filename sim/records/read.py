"""A run's results as notebooks want them: pandas tables, each read when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sim import names
from sim.errors import OutputError
from sim.records import kpis
from sim.records.flows import WHOLE_CITY
from sim.records.manifest import Manifest, read_manifest
from sim.records.refusal import refusal
from sim.records.writer import SUFFIX

if TYPE_CHECKING:
    import pandas as pd


class Results:
    """The results folder of a run.

    Args:
        folder: The folder that `jiazheng run` named at its end.

    Attributes:
        folder: The same.
        manifest: What was run.

    Raises:
        OutputError: It is no results folder.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.manifest: Manifest = read_manifest(self.folder)

    def __repr__(self) -> str:
        return f"Results({str(self.folder)!r})"

    @cached_property
    def indicators(self) -> pd.DataFrame:
        """All indicators: kpis.csv with the names of indicators and groups in English and Chinese.

        Columns: indicator, unit, better, scope, group, value, n, en, zh, group_en, group_zh.
        """
        import pandas as pd

        if kpis.FILE not in self.manifest.files:
            raise self._not_recorded("indicators")
        table = pd.DataFrame(kpis.read(self.folder), columns=list(kpis.Kpi._fields))
        for lang in names.LANGUAGES:
            table[lang] = [names.label(f"indicator.{name}", lang) for name in table["indicator"]]
        for lang in names.LANGUAGES:
            groups = zip(table["scope"], table["group"], strict=True)
            table[f"group_{lang}"] = [self.group_name(scope, group, lang) for scope, group in groups]
        return table

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Visit orders, a row each; with detail `tables`."""
        return self.table("orders")

    @cached_property
    def placements(self) -> pd.DataFrame:
        """Placements and recurring contracts, a row each; with detail `tables`."""
        return self.table("placements")

    @cached_property
    def workers(self) -> pd.DataFrame:
        """Workers as they are at the end, those who left included; with detail `tables`."""
        return self.table("workers")

    @cached_property
    def companies(self) -> pd.DataFrame:
        """Firms as they are at the end; with detail `tables`."""
        return self.table("companies")

    @cached_property
    def households(self) -> pd.DataFrame:
        """Households with what they have paid; with detail `tables`."""
        return self.table("households")

    @cached_property
    def stocks(self) -> pd.DataFrame:
        """Daily stocks and flows by district."""
        return self.table("stocks")

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """Payments by month, kind of money, payer's and payee's sector."""
        return self.table("ledger")

    def table(self, name: str) -> pd.DataFrame:
        """Any table of the folder by its name (docs/results.md lists them).

        Raises:
            OutputError: The run did not record it.
        """
        import pandas as pd

        file = f"{name}{SUFFIX}"
        if file not in self.manifest.files:
            raise self._not_recorded(name)
        return pd.read_parquet(self.folder / file)

    def group_name(self, scope: str, group: str, lang: str = "en") -> str:
        """The name of an indicator's group; its id where the catalogue has none (months, a user's own region)."""
        where = ("scope", "city") if group == WHOLE_CITY else (scope, group)
        return names.group_name(*where, lang, self.manifest.settings["region"])

    def _not_recorded(self, name: str) -> OutputError:
        detail = self.manifest.detail
        return refusal(OutputError, "not_recorded", self.folder, table=name, detail=detail)
