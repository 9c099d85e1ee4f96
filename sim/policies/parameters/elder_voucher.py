"""What a scenario may say about ``elder_voucher``."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.scenario.settings import IsoDate, Texts

_RULES_OF_2026 = "National rules from 1 January 2026, as quoted by CCTV in January 2026 [X-01]"


class ElderVoucherParameters(BaseModel):
    """Parameters of ``elder_voucher``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    announced: IsoDate = Field(description="Day on which households hear of the voucher and can apply")
    begins: IsoDate = Field(description="First day on which it pays")
    ends: IsoDate | None = Field(default=None, description="First day on which it no longer pays")
    home_services: Texts = Field(
        default=("elder_visit",), description="Services at home of which it pays a part",
        json_schema_extra={"source": "Home-visit care for disabled elders [X-01]", "grade": "A"},
    )  # fmt: skip
    home_share: float = Field(
        default=0.5, ge=0, le=1, description="Part of the price of a home visit that it pays",
        json_schema_extra={"unit": "share", "low": 0.3, "high": 0.6, "source": _RULES_OF_2026, "grade": "A"},
    )  # fmt: skip
    institution_share: float = Field(
        default=0.4, ge=0, le=1, description="Part of an institution's fee that it pays",
        json_schema_extra={"unit": "share", "low": 0.3, "high": 0.6, "source": _RULES_OF_2026, "grade": "A"},
    )  # fmt: skip
    cap_yuan_per_month: float = Field(
        default=800, ge=0, le=100_000, description="Most that it pays for a household in a month",
        json_schema_extra={
            "unit": "yuan/month", "low": 500, "high": 800, "grade": "A",
            "source": f"{_RULES_OF_2026}; the pilot of 2025 capped home visits at 500 [X-02]",
        },
    )  # fmt: skip
    least_disability: Literal["mild", "moderate", "severe"] = Field(
        default="moderate", description="Least degree of disability of an elder who is eligible",
        json_schema_extra={"source": "Moderately and severely disabled elders [S-026]", "grade": "A"},
    )  # fmt: skip
    take_up_probability: float = Field(
        default=0.5, ge=0, le=1, description="Eligible households that apply",
        json_schema_extra={
            "unit": "probability", "low": 0.2, "high": 0.8, "grade": "C",
            "source": "Assumption; of the vouchers claimed in the pilot 67% were used [X-03]; nobody says who claimed",
        },
    )  # fmt: skip
    approval_mean_days: float = Field(
        default=20, ge=0, le=365, description="Mean time from application to the first voucher, assessment included",
        json_schema_extra={"unit": "days", "low": 5, "high": 45, "grade": "C", "source": "Assumption; exponential"},
    )  # fmt: skip
    budget_yuan: float | None = Field(
        default=None, ge=0, le=1e13, description="Public money of the whole region; unlimited if left out",
        json_schema_extra={"unit": "yuan"},
    )  # fmt: skip

    @model_validator(mode="after")
    def _dates_follow(self) -> ElderVoucherParameters:
        if self.begins < self.announced:
            raise ValueError(f"begins ({self.begins}) must not lie before announced ({self.announced})")
        if self.ends is not None and self.ends <= self.begins:
            raise ValueError(f"ends ({self.ends}) must lie after begins ({self.begins})")
        return self
