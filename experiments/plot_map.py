# SPDX-License-Identifier: Apache-2.0
# plot_map.py [R.h5 [MAP.png]]: reads a results file with pandas and draws the trap map of one GPU with matplotlib.
# The cells (# %%) run one by one in Jupyter, VS Code or Spyder. Needs python3-h5py, python3-pandas, python3-matplotlib.

# %% The file: one row a point, the units in attributes
import sys

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

arguments = sys.argv[1:] if sys.argv[0].endswith("plot_map.py") else []
results = arguments[0] if arguments else "results/trap_map.h5"
picture = arguments[1] if len(arguments) > 1 else "map.png"

# %% Columns into a table
columns = h5py.File(results)["points"]
points = pd.DataFrame({name: c.asstr()[:] if c.dtype.kind == "S" else c[:] for name, c in columns.items()})
print(points.groupby("verdict").size())

# %% One GPU, its first host, chain and variant (varied fields have a dot in their name), low precisions only
gpu = "h100-80-sxm" if (points.gpu == "h100-80-sxm").any() else points.gpu[0]
one = points[(points.gpu == gpu) & ~points.verdict.isin(["anchor", "infeasible", "no-anchor"])]
if one.empty:
    sys.exit(f"{results}: nothing on {gpu} is compared with 16 bit")
for name in ["host", "chain", *(column for column in points.columns if "." in column)]:
    one = one[one[name] == one[name].iloc[0]]
stacks, sizes, batches = one["stack"].unique(), sorted(one.params.unique()), sorted(one.batch.unique())

# %% Energy over that of 16 bit: model size by batch, a panel a stack
figure, panels = plt.subplots(1, len(stacks), figsize=(1.5 + 2.6 * len(stacks), 4), sharey=True, squeeze=False,
                              layout="constrained")
for panel, stack in zip(panels[0], stacks):
    grid = one[one["stack"] == stack].pivot_table("energy_ratio", "params", "batch").reindex(sizes, columns=batches)
    image = panel.imshow(np.log2(grid), cmap="RdBu_r", vmin=-1.5, vmax=1.5, origin="lower", aspect="auto")
    panel.set_title(stack)
    panel.set_xlabel("batch")
    panel.set_xticks(range(len(batches)), batches, rotation=90)
    panel.set_yticks(range(len(sizes)), [f"{n / 1e9:.2g}B" for n in sizes])
panels[0][0].set_ylabel("parameters")
bar = figure.colorbar(image, ax=panels, ticks=[-1.5, -1, 0, 1, 1.5], extend="both", label="energy over that of 16 bit")
bar.ax.set_yticklabels([f"{2 ** x:.2g}" for x in (-1.5, -1, 0, 1, 1.5)])
figure.suptitle(f"{gpu}, {one.chain.iloc[0]}: blue saves energy, red costs it")
figure.savefig(picture, dpi=110)
