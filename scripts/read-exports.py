"""Reads what `zobench export` wrote with the programs it is written for, and prints it as JSON, a line for each file.

Not needed to use zobench: tests compare what it prints with what was exported, where Python has these packages.

    pip install pyarrow tensorboard
    python scripts/read-exports.py <folder>
"""

import json
import pathlib
import sys

import pyarrow.parquet
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

folder = pathlib.Path(sys.argv[1])
for file in sorted(folder.glob("*.parquet")):
    table = pyarrow.parquet.read_table(file)
    types = {field.name: str(field.type) for field in table.schema}
    print(json.dumps({"file": file.name, "types": types, "rows": table.to_pylist()}))
for file in sorted(folder.glob("*/events.out.tfevents.*")):
    events = EventAccumulator(str(file))
    events.Reload()
    scalars = {tag: [[event.step, event.value] for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    print(json.dumps({"file": file.parent.name, "scalars": scalars}))
