"""Trains one of the two models of the benchmark `training` with PyTorch and prints what it saw a second, as JSON.

usage: torch_training.py lstm|gru BATCH THREADS PROCESSES SECONDS

Whole steps: a batch is taken out of the data set, forward, loss, backward, optimiser. Every process times itself
between the moments when all have warmed up and when the first is done.
"""
import json
import sys
import time
import warnings
from multiprocessing import get_context

warnings.filterwarnings("ignore")
import torch  # noqa: E402
from torch import nn  # noqa: E402

WINDOWS, STEPS = 7352, 128


class Lstm(nn.Module):
    """Model 2: dense(32) at every step, LSTM(32) twice, dense(6) of the last output."""

    channels = 9

    def __init__(self):
        super().__init__()
        self.input = nn.Linear(self.channels, 32)
        self.layers = nn.LSTM(32, 32, num_layers=2)
        self.output = nn.Linear(32, 6)

    def forward(self, x):
        return self.output(self.layers(self.input(x))[0][-1])


class Gru(nn.Module):
    """Model 1 as near as nn.GRU comes, which is PyTorch's fast one: candidates are tanh, reset after the product."""

    channels = 3

    def __init__(self):
        super().__init__()
        self.input = nn.Linear(self.channels, 16)
        self.layer = nn.GRU(16, 16)
        self.output = nn.Linear(16, 6)

    def forward(self, x):
        return self.output(self.layer(torch.relu(self.input(x)))[0][-1])


def train(name, batch, threads, seconds, barrier, results):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = Lstm() if name == "lstm" else Gru()
    data = torch.randn(STEPS, WINDOWS, model.channels)
    labels = torch.arange(WINDOWS) % 6
    if name == "lstm":
        optimizer = torch.optim.Adam(model.parameters(), lr=0.0025, weight_decay=0.0015)
    else:
        optimizer = torch.optim.RMSprop(model.parameters(), lr=0.0025, alpha=0.9, eps=1e-10)
    loss_of = nn.CrossEntropyLoss()

    def step():
        rows = torch.randint(WINDOWS, (batch,))
        optimizer.zero_grad()
        loss = loss_of(model(data.index_select(1, rows)), labels[rows])
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(2):
        step()
    barrier.wait()
    start, cpu, steps = time.monotonic(), time.process_time(), 0
    while time.monotonic() - start < seconds:
        step()
        steps += 1
    wall, used = time.monotonic() - start, time.process_time() - cpu
    results.put((steps * batch / wall, steps * batch / used))


def main():
    name, (batch, threads, processes), seconds = sys.argv[1], map(int, sys.argv[2:5]), float(sys.argv[5])
    context = get_context("spawn")
    barrier, results = context.Barrier(processes), context.Queue()
    arguments = (name, batch, threads, seconds, barrier, results)
    children = [context.Process(target=train, args=arguments) for _ in range(processes)]
    for child in children:
        child.start()
    rates = [results.get() for _ in children]
    for child in children:
        child.join()
    print(json.dumps({
        "version": torch.__version__,
        "samplesPerSecond": sum(wall for wall, _ in rates),
        "samplesPerProcessorSecond": sum(used for _, used in rates) / processes,
    }))


if __name__ == "__main__":
    main()
