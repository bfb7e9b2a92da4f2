"""Independent reference values for the training engine, by PyTorch in double precision.

    npm run bench -- training            # makes build/peers/torch, or: any Python with torch
    build/peers/torch/bin/python test/worker/training/torch-reference.py > test/worker/training/torch-reference.json

The values are committed. PyTorch's optimizers, clipping, schedules and recurrent layers share no code with ours; where
Keras differs from PyTorch (the loss of a sigmoid output), the script writes Keras' definition out.
"""
import json
import math
import sys

import torch

torch.set_default_dtype(torch.float64)


def wave(shape, start):
    return (torch.sin(start + torch.arange(math.prod(shape), dtype=torch.float64)) / 2).reshape(shape)


def optimizers():
    """Weights [2 members, 3] after each of 5 steps; gradient at step t is wave((2, 3), 10 t)."""
    rates = [0.0025, 0.1]
    create = {
        "sgd": lambda w, lr: torch.optim.SGD([w], lr),
        "sgd with momentum": lambda w, lr: torch.optim.SGD([w], lr, momentum=0.9),
        "rmsprop-keras": lambda w, lr: torch.optim.RMSprop([w], lr, alpha=0.9, eps=1e-7),
        "adamw": lambda w, lr: torch.optim.AdamW([w], lr, weight_decay=0.01),
        "adamw with its own constants": lambda w, lr: torch.optim.AdamW(
            [w], lr, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.3
        ),
    }
    result = {}
    for name, make in create.items():
        start = wave((2, 3), 5)
        weights = [start[member].clone().requires_grad_() for member in range(2)]
        steppers = [make(w, lr) for w, lr in zip(weights, rates)]
        rows = []
        for t in range(1, 6):
            for member, (w, stepper) in enumerate(zip(weights, steppers)):
                w.grad = wave((2, 3), 10 * t)[member].clone()
                stepper.step()
            rows.append([w.tolist() for w in weights])
        result[name] = rows
    return result


def clipping():
    """Gradients of two weights of two members, clipped member by member."""
    gradients = [4 * wave((2, 3), 1), 4 * wave((2, 2, 2), 2)]
    gradients[0][1] /= 50
    gradients[1][1] /= 50

    def apply(clip):
        rows = []
        for member in range(2):
            parameters = [torch.zeros_like(g[member]).requires_grad_() for g in gradients]
            for p, g in zip(parameters, gradients):
                p.grad = g[member].clone()
            clip(parameters)
            rows.append([p.grad.flatten().tolist() for p in parameters])
        return rows

    def both(parameters):
        torch.nn.utils.clip_grad_value_(parameters, 1.5)
        torch.nn.utils.clip_grad_norm_(parameters, 1)

    return {
        "norm": apply(lambda p: torch.nn.utils.clip_grad_norm_(p, 1)),
        "value": apply(lambda p: torch.nn.utils.clip_grad_value_(p, 0.7)),
        "both": apply(both),
    }


def schedules():
    """Learning rates at the start of each of 20 passes, from .1."""

    def rates(make):
        parameter = torch.zeros(1, requires_grad=True)
        optimizer = torch.optim.SGD([parameter], 0.1)
        schedule = make(optimizer)
        values = []
        for _ in range(20):
            values.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return values

    s = torch.optim.lr_scheduler
    return {
        "exponential": rates(lambda o: s.ExponentialLR(o, 0.5 ** (1 / 4))),
        "step": rates(lambda o: s.StepLR(o, 4, 0.5)),
        "cosine": rates(lambda o: s.CosineAnnealingLR(o, 20)),
        "warmup and cosine": rates(
            lambda o: s.SequentialLR(
                o,
                [s.LinearLR(o, 1e-12, 1, 5), s.CosineAnnealingLR(o, 15)],
                milestones=[5],
            )
        ),
    }


STEPS, BATCH, INPUTS, CLASSES = 7, 5, 3, 4


def place(parameter, values):
    with torch.no_grad():
        parameter.copy_(values)


class Weights:
    """Draws the weights of a network in our order, as waves, and remembers them for their gradients."""

    def __init__(self):
        self.all = []

    def take(self, shape):
        w = wave(shape, len(self.all) + 1).requires_grad_()
        self.all.append(w)
        return w

    def lstm(self, x, units, reverse=False, forget=0):
        """x [T, B, I] -> [T, B, H] through torch's own LSTM, whose gates have the order i, f, g, o too."""
        kernel, recurrent, bias = self.take((x.shape[2], 4 * units)), self.take((units, 4 * units)), self.take((4 * units,))
        layer = torch.nn.LSTM(x.shape[2], units)
        state = {
            "weight_ih_l0": kernel.T,
            "weight_hh_l0": recurrent.T,
            "bias_ih_l0": bias,
            "bias_hh_l0": torch.cat([torch.zeros(units), torch.full((units,), float(forget)), torch.zeros(2 * units)]),
        }
        out, _ = torch.func.functional_call(layer, state, (torch.flip(x, [0]) if reverse else x,))
        return torch.flip(out, [0]) if reverse else out

    def dense(self, x, outputs):
        kernel, bias = self.take((x.shape[-1], outputs)), self.take((outputs,))
        return x @ kernel + bias


def finish(weights, losses, penalty=0.0):
    loss = losses.mean() + penalty
    gradients = torch.autograd.grad(loss, weights.all)
    return {"loss": loss.item(), "gradients": [float((g**2).sum()) for g in gradients]}


def targets():
    return torch.arange(BATCH) % CLASSES


def conv_lstm():
    filters, kernel_size, units, hidden = 4, 3, 5, 6
    w = Weights()
    x = wave((STEPS, BATCH, INPUTS), 0)
    kernel, bias = w.take((kernel_size * INPUTS, filters)), w.take((filters,))
    # torch wants [out, in, width] and [B, I, T].
    filtered = torch.nn.functional.conv1d(
        torch.nn.functional.pad(x.permute(1, 2, 0), (kernel_size - 1, 0)),
        kernel.reshape(kernel_size, INPUTS, filters).permute(2, 1, 0),
        bias,
    )
    h = torch.relu(filtered).permute(2, 0, 1)
    h = w.lstm(h, units)
    h = w.lstm(h, units)[-1]
    first = len(w.all)
    h = torch.relu(w.dense(h, hidden))
    second = len(w.all)
    h = torch.relu(w.dense(h, hidden))
    logits = w.dense(h, CLASSES)
    regularised = [w.all[0], w.all[first], w.all[second]]
    penalty = 0.001 * sum((each**2).sum() for each in regularised)
    return finish(w, torch.nn.functional.cross_entropy(logits, targets(), reduction="none"), penalty)


def lstm_stacked(layers, bidirectional, residual):
    units = 5
    w = Weights()
    h = torch.relu(w.dense(wave((STEPS, BATCH, INPUTS), 0), units))
    for _ in range(layers):
        # The forget bias of 1 is no weight: it is added behind torch's back, on the bias of the second product.
        out = w.lstm(h, units, forget=1)
        if bidirectional:
            out = torch.cat([out, w.lstm(h, units, reverse=True, forget=1)], 2)
        h = out + h if residual and out.shape == h.shape else out
    last = torch.cat([h[-1][:, :units], h[0][:, units:]], 1) if bidirectional else h[-1]
    logits = w.dense(last, CLASSES)
    penalty = 0.0015 / 2 * sum((each**2).sum() for each in w.all)
    return finish(w, torch.nn.functional.cross_entropy(logits, targets(), reduction="none"), penalty)


def lstm_dropout(layers):
    w = Weights()
    h = wave((STEPS, BATCH, INPUTS), 0)
    for units in (5, 4)[:layers]:
        h = w.lstm(h, units)
    outputs = torch.sigmoid(w.dense(h[-1], CLASSES))
    # keras.backend.categorical_crossentropy, from_logits=False.
    shares = (outputs / outputs.sum(-1, keepdim=True)).clamp(1e-7, 1 - 1e-7)
    return finish(w, -torch.log(shares[torch.arange(BATCH), targets()]))


json.dump(
    {
        "optimizers": optimizers(),
        "clipping": clipping(),
        "schedules": schedules(),
        "networks": {
            "lstmStacked": lstm_stacked(2, False, False),
            "bidirectional": lstm_stacked(2, True, False),
            "residual": lstm_stacked(3, False, True),
            "bidirectional and residual": lstm_stacked(3, True, True),
            "convLstm": conv_lstm(),
            "lstmDropout": lstm_dropout(1),
            "lstmDropoutTwice": lstm_dropout(2),
        },
    },
    sys.stdout,
)
print()
