"""The analysis as a report keeps it, in `report.json`: written and read again."""

import json
from dataclasses import asdict
from pathlib import Path

import cattrs

from bench.analysis.analysis import SCHEMA, Analysis
from bench.errors import ReadError

_converter = cattrs.Converter(forbid_extra_keys=True)


def as_json(found: Analysis) -> str:
    """The whole analysis; `bench gate` reads it as its baseline."""
    return json.dumps(asdict(found), indent=1, ensure_ascii=False) + "\n"


def read(file: Path, argument: str = "BASELINE") -> Analysis:
    """The analysis in a file that an argument named. Raises ReadError for another kind or version."""
    try:
        data = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise ReadError(
            f"{argument}: expected a report.json, got {file}: {error}; run: bench report"
        ) from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise ReadError(
            f"{argument}: expected schema {SCHEMA}, got {schema} in {file}; run bench report anew"
        )
    try:
        return _converter.structure(data, Analysis)
    except Exception as error:  # cattrs raises a tree of errors of many kinds
        told = "; ".join(cattrs.transform_error(error))
        raise ReadError(
            f"{argument}: {file} is no report of this version: {told}; run bench report anew"
        ) from error
