"""No-op trials through Optuna: python optuna_noop.py STORAGE_URL TRIALS -> one JSON line on standard output."""

import json
import sys
import time

import optuna

url, trials = sys.argv[1], int(sys.argv[2])
optuna.logging.set_verbosity(optuna.logging.ERROR)
sampler = optuna.samplers.RandomSampler(seed=1)
study = optuna.create_study(storage=url, sampler=sampler, direction="maximize")


def objective(trial):
    x = trial.suggest_float("x", 0.0, 1.0)
    trial.report(x, 1)
    return x


start = time.perf_counter()
study.optimize(objective, n_trials=trials)
seconds = time.perf_counter() - start
print(json.dumps({"version": optuna.__version__, "trials": trials, "seconds": seconds}))
