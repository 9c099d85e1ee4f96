"""``jiazheng schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.options import Lang, face_of

RegionOption = Annotated[
    str | None,
    typer.Option("--region", help="Also the facts that only this region has (districts and the like)."),
]


def schema(context: typer.Context, region: RegionOption = None, lang: Lang = None) -> None:
    """Write the JSON Schema of scenario files to stdout, for completion and checks in an editor.

    An editor with the YAML language server reads it from the first line of a scenario file:
    [bold]# yaml-language-server: $schema=scenario.schema.json[/bold]

    [bold]Examples[/bold]

      jiazheng schema > scenarios/scenario.schema.json
      jiazheng schema --lang zh
    """
    from sim.scenario.json_schema import scenario_schema

    face = face_of(context, lang, quiet=False, as_json=True)
    face.json(scenario_schema(region, face.lang))
