"""The learning-curves problem through Optuna: optuna_pruning.py SEEDS EPOCHS -> one JSON line on standard output.

The line has the version and, by sampler and pruner, one list for each seed: the epochs in total until the first trial
that ran whole was within 0.05, 0.02 and 0.01 of the optimum; null where none was. The problem is that of
bench/search/learning-curves.ts, its noise included.
"""

import json
import math
import multiprocessing
import sys
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")

WHOLE = 81
OPTIMUM = 0.21412150069941177
MARKS = [0.05, 0.02, 0.01]


def mulberry32(seed):
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (1 | state)) & 0xFFFFFFFF
        t = ((t + (((t ^ (t >> 7)) * (61 | t)) & 0xFFFFFFFF)) & 0xFFFFFFFF) ^ t
        yield ((t ^ (t >> 14)) & 0xFFFFFFFF) / 4294967296


class Reached(Exception):
    pass


class Run:
    def __init__(self, seed, most):
        self.seed, self.most, self.epochs, self.found = seed, most, 0, [None] * len(MARKS)

    def __call__(self, trial):
        lr = trial.suggest_float("lr", 1e-5, 1, log=True)
        wd = trial.suggest_float("wd", 1e-6, 0.1, log=True)
        width = trial.suggest_int("width", 16, 512, log=True)
        depth = trial.suggest_int("depth", 1, 8)
        drop = trial.suggest_float("drop", 0, 0.6)
        u = math.log10(lr) + 2.5
        a = 0.10 + 0.06 * u**2 + 0.02 * (math.log10(wd) + 4) ** 2 + 0.01 * (math.log2(width) - 8) ** 2
        a += 0.008 * (depth - 4) ** 2 + 0.15 * (drop - 0.15) ** 2
        b, c = 0.6 + 0.05 * depth, min(0.9, max(0.15, 0.4 + 0.15 * u))
        random = mulberry32(self.seed * 1000003 + trial.number * 7919 + 1)
        for t in range(1, WHOLE + 1):
            r1, r2 = next(random), next(random)
            value = a + b * t**-c + 0.01 * math.sqrt(-2 * math.log(1 - r1)) * math.cos(2 * math.pi * r2)
            self.epochs += 1
            if self.epochs > self.most:
                raise Reached
            trial.report(value, t)
            if t < WHOLE and trial.should_prune():
                raise optuna.TrialPruned
        regret = a + b * WHOLE**-c - OPTIMUM
        self.found = [e if e is not None or regret > m else self.epochs for e, m in zip(self.found, MARKS)]
        if None not in self.found:
            trial.study.stop()
        return value


COMBINATIONS = {
    "TPE, successive halving": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "TPE, median": lambda: optuna.pruners.MedianPruner(),
    "TPE, Hyperband": lambda: optuna.pruners.HyperbandPruner(min_resource=1, max_resource=WHOLE, reduction_factor=3),
}


def run(task):
    name, seed, most = task
    one = Run(seed, most)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed), pruner=COMBINATIONS[name]())
    try:
        study.optimize(one)
    except Reached:
        pass
    return one.found


def main():
    seeds, most = int(sys.argv[1]), int(sys.argv[2])
    tasks = [(name, seed, most) for name in COMBINATIONS for seed in range(1, seeds + 1)]
    with multiprocessing.Pool() as pool:
        found = pool.map(run, tasks, chunksize=1)
    epochs = {name: [f for (n, _, _), f in zip(tasks, found) if n == name] for name in COMBINATIONS}
    print(json.dumps({"version": optuna.__version__, "epochs": epochs}))


if __name__ == "__main__":
    main()
