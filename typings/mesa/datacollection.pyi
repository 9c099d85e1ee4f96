from collections.abc import Mapping
from typing import Any

import pandas as pd
from mesa.model import Model

class DataCollector:
    def __init__(
        self,
        model_reporters: Mapping[str, Any] | None = None,
        agent_reporters: Mapping[str, Any] | None = None,
        agenttype_reporters: Mapping[type, Mapping[str, Any]] | None = None,
        tables: Mapping[str, list[str]] | None = None,
    ) -> None: ...
    def collect(self, model: Model) -> None: ...
    def get_model_vars_dataframe(self) -> pd.DataFrame: ...
    def get_agent_vars_dataframe(self) -> pd.DataFrame: ...
