"""What Optuna's TPE costs: python optuna_cost.py -> one JSON line on standard output.

`search`: seconds for 1,000 trials over 40 floats. `suggestion`: median milliseconds of one suggestion over 5 mixed
parameters with 10,000 trials behind it.
"""

import json
import statistics
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def forty(trial):
    return sum((trial.suggest_float(f"x{i}", 0, 1) - 0.3) ** 2 for i in range(40))


def mixed(trial):
    lr = trial.suggest_float("lr", 1e-5, 1, log=True)
    width = trial.suggest_int("width", 16, 512, log=True)
    depth = trial.suggest_int("depth", 1, 8)
    drop = trial.suggest_float("drop", 0, 0.6)
    act = trial.suggest_categorical("act", ["relu", "tanh", "gelu"])
    return lr + width / 512 + abs(depth - 4) + drop + (act == "tanh")


study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
start = time.perf_counter()
study.optimize(forty, n_trials=1000)
search = time.perf_counter() - start

past = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
past.optimize(mixed, n_trials=10_000)
study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=1))
study.add_trials(past.trials)
times = []
for _ in range(5):
    trial = study.ask()
    start = time.perf_counter()
    value = mixed(trial)
    times.append(1000 * (time.perf_counter() - start))
    study.tell(trial, value)
print(json.dumps({"version": optuna.__version__, "search": search, "suggestion": statistics.median(times)}))
