"""Search problems through Optuna: tasks on standard input, one JSON line each; results on standard output, likewise.

The first line out is {"version": ...}; then, for each task {"id", "problem", "sampler", "seed", "trials", "noise"},
{"id", "values": [[...], ...], "truth": [...]}: what each trial was told, and its first objective without noise. Tasks
run on all cores and end in any order. The problems are those of bench/search/problems.ts and fronts.ts. `--samplers`
prints which samplers there are here instead: GPSampler needs PyTorch.
"""

import importlib.util
import json
import math
import multiprocessing
import random
import sys
import warnings

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.simplefilter("ignore")


def cube(dimensions, low, high, f):
    return lambda trial: f([trial.suggest_float(f"x{i + 1}", low, high) for i in range(dimensions)])


def branin(trial):
    x, y = trial.suggest_float("x1", -5, 10), trial.suggest_float("x2", 0, 15)
    bent = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bent**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


A = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
]
P = [
    [1312, 1696, 5569, 124, 8283, 5886],
    [2329, 4135, 8307, 3736, 1004, 9991],
    [2348, 1451, 3522, 2883, 3047, 6650],
    [4047, 8828, 8732, 5743, 1091, 381],
]


def hartmann6(x):
    return -sum(
        alpha * math.exp(-sum(a * (v - p / 10000) ** 2 for a, v, p in zip(A[i], x, P[i])))
        for i, alpha in enumerate([1, 1.2, 3, 3.2])
    )


def ackley(x):
    n = len(x)
    return (
        -20 * math.exp(-0.2 * math.sqrt(sum(v * v for v in x) / n))
        - math.exp(sum(math.cos(2 * math.pi * v) for v in x) / n)
        + 20
        + math.e
    )


def rosenbrock(x):
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def levy(x):
    w = [1 + (v - 1) / 4 for v in x]
    inner = sum((v - 1) ** 2 * (1 + 10 * math.sin(math.pi * v + 1) ** 2) for v in w[:-1])
    return math.sin(math.pi * w[0]) ** 2 + inner + (w[-1] - 1) ** 2 * (1 + math.sin(2 * math.pi * w[-1]) ** 2)


def mixed(trial):
    algo = trial.suggest_categorical("algo", ["sgd", "adam", "tree"])
    act = trial.suggest_categorical("act", ["relu", "tanh", "gelu", "sigmoid"])
    layers = trial.suggest_int("layers", 1, 8)
    lb = math.log2(trial.suggest_int("batch", 8, 512, log=True)) - 6
    if algo == "sgd":
        lr, mom = trial.suggest_float("sgd_lr", 1e-5, 1, log=True), trial.suggest_float("sgd_mom", 0, 0.99)
        value = 0.12 + 0.08 * (math.log10(lr) + 1.5 - 0.3 * lb) ** 2 + 0.6 * (mom - 0.9) ** 2
    elif algo == "adam":
        lr, b1 = trial.suggest_float("adam_lr", 1e-5, 1, log=True), trial.suggest_float("adam_b1", 0.5, 0.999)
        value = 0.08 + 0.10 * (math.log10(lr) + 3 - 0.3 * lb) ** 2 + 0.4 * (b1 - 0.9) ** 2
    else:
        depth, n = trial.suggest_int("tree_depth", 1, 16), trial.suggest_int("tree_n", 10, 1000, log=True)
        value = 0.20 + 0.004 * (depth - 7) ** 2 + 0.02 * (math.log10(n) - 2.3) ** 2
    value += {"relu": 0.03, "tanh": 0.05, "gelu": 0, "sigmoid": 0.12}[act]
    value += 0.01 * (layers - 4) ** 2 + 0.015 * lb**2
    return value + (0.3 * (trial.suggest_float("dropout", 0, 0.7) - 0.2) ** 2 if layers >= 3 else 0.05)


def zdt(dimensions, shape):
    def values(x):
        g = 1 + 9 * sum(x[1:]) / (dimensions - 1)
        return x[0], g * shape(x[0] / g)

    return cube(dimensions, 0, 1, values)


def zdt1(dimensions):
    return zdt(dimensions, lambda ratio: 1 - math.sqrt(ratio))


def zdt2(dimensions):
    return zdt(dimensions, lambda ratio: 1 - ratio**2)


PROBLEMS = {
    "Branin": branin,
    "Hartmann6": cube(6, 0, 1, hartmann6),
    "Ackley5": cube(5, -32.768, 32.768, ackley),
    "Rosenbrock4": cube(4, -5, 10, rosenbrock),
    "Levy6": cube(6, -10, 10, levy),
    "MixedCond": mixed,
    "ZDT1 d=10": zdt1(10),
    "ZDT2 d=10": zdt2(10),
    "ZDT1 d=30": zdt1(30),
    "ZDT2 d=30": zdt2(30),
}
SINGLE = {
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "TPE univariate": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=False),
    "TPE group": lambda seed: optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True),
    "CMA-ES": lambda seed: optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
}
SEVERAL = {
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "NSGA-II": lambda seed: optuna.samplers.NSGAIISampler(seed=seed),
}
if importlib.util.find_spec("torch"):
    SINGLE["GP"] = lambda seed: optuna.samplers.GPSampler(seed=seed)
    SEVERAL["GP"] = lambda seed: optuna.samplers.GPSampler(seed=seed)


def run(task):
    problem, several = PROBLEMS[task["problem"]], task["problem"].startswith("ZDT")
    sampler = (SEVERAL if several else SINGLE)[task["sampler"]](task["seed"])
    study = optuna.create_study(sampler=sampler, directions=["minimize"] * (2 if several else 1))
    noise, truth = random.Random(task["seed"]), []

    def objective(trial):
        values = problem(trial)
        truth.append(values[0] if several else values)
        return values if several else values + task["noise"] * noise.gauss(0, 1)

    study.optimize(objective, n_trials=task["trials"])
    return {"id": task["id"], "values": [trial.values for trial in study.trials], "truth": truth}


def main():
    print(json.dumps({"version": optuna.__version__, "single": list(SINGLE), "several": list(SEVERAL)}), flush=True)
    if "--samplers" in sys.argv:
        return
    with multiprocessing.Pool() as pool:
        for result in pool.imap_unordered(run, map(json.loads, sys.stdin.read().splitlines())):
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
