"""An installation: the stages of one `couponbus.yaml`, which share its name."""

from collections.abc import Sequence
from dataclasses import dataclass

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.names import PRODUCT, Names
from couponbus_config.stage import StageConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """All that one file describes."""

    name: str = PRODUCT
    stages: Sequence[StageConfig]

    def stage(self, name: str) -> StageConfig:
        """Return a stage. Raises ConfigurationError that names the ones that there are."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        named = ", ".join(stage.name for stage in self.stages)
        if not name:
            raise ConfigurationError(f"no stage is named: use one of {named}")
        raise ConfigurationError(f"there is no stage {name!r}: use one of {named}")

    def names(self, stage: str) -> Names:
        """Return the names of a stage's resources."""
        return Names(installation=self.name, stage=stage)
