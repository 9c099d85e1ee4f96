"""Files that people write for studies: read into a model, with every fault told by line and key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from sim.errors import Fault
from sim.experiments.errors import StudyError
from sim.scenario.faults import Findings, fault, listed, near
from sim.scenario.nodes import Place
from sim.scenario.source import read_source


class Strict(BaseModel):
    """Base of the parts of such a file: frozen, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Content = TypeVar("Content", bound=Strict)


def read_model(file: str | Path, model: type[Content]) -> Content:
    """Read a YAML file into a model.

    Raises:
        StudyError: All its faults, each with line and key.
    """
    path, findings = Path(file), Findings()
    text = read_source(path, str(file), findings, Place(str(file)))
    content = None if text is None else _content(text, str(file), findings)
    if findings.faults or content is None:
        raise StudyError("\n".join(map(str, findings.faults)), tuple(findings.faults))
    try:
        return model.model_validate(_plain(content))
    except ValidationError as error:
        faults = tuple(_fault(one, content, str(file), model) for one in error.errors(include_url=False))
        raise StudyError("\n".join(map(str, faults)), faults) from None


def _content(text: str, file: str, findings: Findings) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    try:
        content = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        findings.add(fault("study_file_yaml", Place(file, line), problem=str(error.problem).splitlines()[0]))
        return None
    if not isinstance(content, Mapping):
        findings.add(fault("study_file_form", Place(file, 1)))
        return None
    return content


def _plain(value: Any) -> Any:
    """Return YAML's marked containers as plain ones, lists as tuples."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return tuple(_plain(inner) for inner in value)
    return value


def _fault(error: Any, content: Any, file: str, model: type[BaseModel]) -> Fault:
    """Return what pydantic found, with the line of the key."""
    path = [part for part in error["loc"] if isinstance(part, (str, int))]
    key = ".".join(map(str, path))
    place = Place(file, _line(content, path))
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, path[:-1])
        return fault(
            "study_file_unknown_key", place, key, near=near(str(path[-1]), known), allowed=listed(known)
        )
    problem = error["msg"].removeprefix("Value error, ")
    return fault("study_file_value", place, key, problem=problem[:1].lower() + problem[1:])


def _known_keys(model: type[BaseModel], path: Sequence[Any]) -> list[str]:
    """Return the keys that are allowed in the group at a path."""
    for part in path:
        field = model.model_fields.get(str(part))
        inner = None if field is None else _model_in(field.annotation)
        # A name that the user chose, in a mapping of groups, leads no deeper than the mapping itself.
        model = inner or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a field holds, by itself or in a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(inner) for inner in get_args(annotation))
    return next((one for one in found if one is not None), None)


def _line(content: Any, path: list[Any]) -> int:
    """Return the line of the innermost part of a path that stands in the file."""
    line = 1
    for part in path:
        marks = getattr(content, "lc", None)
        try:
            line = (marks.key(part) if isinstance(content, Mapping) else marks.item(part))[0] + 1  # type: ignore[union-attr]
            content = content[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            break
    return line
