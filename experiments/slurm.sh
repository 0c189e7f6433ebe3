#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A sweep as a cluster job: sbatch experiments/slurm.sh [EXPERIMENT]. One rank a core, on as many machines as asked for;
# rank 0 writes the one results file, on a file system of its own machine or a shared one. A job that is cut short (time
# limit, lost machine) is submitted again as it is: --resume goes on from the points that are stored.
#SBATCH --job-name=hopsim
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=32
#SBATCH --cpus-per-task=1
#SBATCH --time=00:30:00
#SBATCH --requeue
set -eu
cd "${SLURM_SUBMIT_DIR:-.}"

experiment=${1:-million}
mkdir -p results
export HDF5_USE_FILE_LOCKING=BEST_EFFORT   # some cluster file systems have no locks
mpirun build/hopsim sweep "$experiment" -o "results/$experiment.h5" --resume
