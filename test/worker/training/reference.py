"""Independent reference values for the training engine, in double precision with numpy alone.

    python3 test/worker/training/reference.py > test/worker/training/reference.json

The values are committed; the tests and the engine's self-test (src/worker/training/backends/self-test.ts) compare with
them. Gradients are central differences, so nothing here shares a derivation with what is tested.
"""
import json
import sys

import numpy as np


def wave(shape, start):
    return np.sin(start + np.arange(int(np.prod(shape)), dtype=np.float64)).reshape(shape) / 2


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, kernel, recurrent, bias):
    """x [T, B, I] -> every h [T, B, H]; gates i, f, g, o."""
    h = np.zeros((x.shape[1], recurrent.shape[0]))
    c = h
    out = []
    for x_t in x:
        i, f, g, o = np.split(x_t @ kernel + h @ recurrent + bias, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.stack(out)


def gru(x, kernel, recurrent, bias, activate):
    """x [T, B, I] -> every h; gates z, r, candidate; reset before the candidate's product (TensorFlow 1)."""
    n = recurrent.shape[0]
    h = np.zeros((x.shape[1], n))
    out = []
    for x_t in x:
        zr = sigmoid(x_t @ kernel[:, : 2 * n] + h @ recurrent[:, : 2 * n] + bias[: 2 * n])
        z, r = zr[:, :n], zr[:, n:]
        candidate = activate(x_t @ kernel[:, 2 * n :] + (r * h) @ recurrent[:, 2 * n :] + bias[2 * n :])
        h = z * h + (1 - z) * candidate
        out.append(h)
    return np.stack(out)


def gru_reset_after(x, kernel, recurrent, bias, activate):
    """The same with the reset gate after the product, and a bias of its own for the state's products (Keras, cuDNN)."""
    n = recurrent.shape[0]
    of_input, of_state = bias[: 3 * n], bias[3 * n :]
    h = np.zeros((x.shape[1], n))
    out = []
    for x_t in x:
        from_input = x_t @ kernel + of_input
        from_state = h @ recurrent + of_state
        zr = sigmoid(from_input[:, : 2 * n] + from_state[:, : 2 * n])
        z, r = zr[:, :n], zr[:, n:]
        candidate = activate(from_input[:, 2 * n :] + r * from_state[:, 2 * n :])
        h = z * h + (1 - z) * candidate
        out.append(h)
    return np.stack(out)


def relu(x):
    return np.maximum(x, 0)


def cross_entropy(logits, labels):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_softmax[np.arange(len(labels)), labels].sum()


def numeric_gradient(f, w, epsilon=1e-6):
    gradient = np.zeros_like(w)
    for index in np.ndindex(w.shape):
        kept = w[index]
        w[index] = kept + epsilon
        up = f()
        w[index] = kept - epsilon
        down = f()
        w[index] = kept
        gradient[index] = (up - down) / (2 * epsilon)
    return gradient


def self_test():
    models, steps, batch, inputs, units, classes = 2, 5, 3, 2, 4, 3
    x = wave((models, steps, batch, inputs), 0)
    labels = np.array([[0, 1, 2], [2, 1, 0]])
    shapes = [
        (models, inputs, units),
        (models, units),
        (models, units, 4 * units),
        (models, units, 4 * units),
        (models, 4 * units),
        (models, units, 3 * units),
        (models, units, 3 * units),
        (models, 3 * units),
        (models, units, 3 * units),
        (models, units, 3 * units),
        (models, 6 * units),
        (models, units, classes),
        (models, classes),
    ]
    w = [wave(shape, index + 1) for index, shape in enumerate(shapes)]

    def losses():
        result = []
        for k in range(models):
            sequence = relu(x[k] @ w[0][k] + w[1][k])
            sequence = lstm(sequence, w[2][k], w[3][k], w[4][k])
            sequence = gru(sequence, w[5][k], w[6][k], w[7][k], relu)
            state = gru_reset_after(sequence, w[8][k], w[9][k], w[10][k], np.tanh)[-1]
            result.append(cross_entropy(state @ w[11][k] + w[12][k], labels[k]))
        return result

    gradients = [numeric_gradient(lambda: sum(losses()), each) for each in w]
    # The first step of Adam with epsilon 0.01, at a learning rate of each model.
    rates = np.array([0.1, 0.2])
    changes = [
        -rates.reshape((models,) + (1,) * (g.ndim - 1))
        * np.sqrt(1 - 0.999) / (1 - 0.9) * 0.1 * g / (np.sqrt(0.001) * np.abs(g) + 0.01)
        for g in gradients
    ]
    # Times a wave, so that a sum sees signs and places.
    weighed = [float((each * wave(each.shape, 100 + index)).sum()) for index, each in enumerate(gradients + changes)]
    return losses() + weighed


def cells():
    x = wave((4, 2, 3), 0)
    n = 2
    return {
        "lstm": lstm(x, wave((3, 4 * n), 1), wave((n, 4 * n), 2), wave((4 * n,), 3)).tolist(),
        "gruRelu": gru(x, wave((3, 3 * n), 1), wave((n, 3 * n), 2), wave((3 * n,), 3), relu).tolist(),
        "gruTanh": gru(x, wave((3, 3 * n), 1), wave((n, 3 * n), 2), wave((3 * n,), 3), np.tanh).tolist(),
    }


def optimizers():
    """Weights [2 members, 3] after each of 5 steps; gradient at step t is wave((2, 3), 10 t)."""
    rates = np.array([[0.0025], [0.1]])
    rms_w, ms = wave((2, 3), 5), np.ones((2, 3))
    adam_w, m, v = wave((2, 3), 5), np.zeros((2, 3)), np.zeros((2, 3))
    rms, adam = [], []
    for t in range(1, 6):
        g = wave((2, 3), 10 * t)
        ms = 0.9 * ms + 0.1 * g**2
        rms_w = rms_w - rates * g / np.sqrt(ms + 1e-10)
        rms.append(rms_w.tolist())
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        adam_w = adam_w - rates * np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)
        adam.append(adam_w.tolist())
    return {"rmsprop": rms, "adam": adam}


def rotate(window):
    """[T, 3], written from the published description with numpy's own eigenvectors and rotation matrices."""
    a = window.copy()
    h = a.mean(axis=0)
    first = int(np.argmax(np.abs(h)))
    if first != 0:
        a[:, [0, first]] = a[:, [first, 0]]
        a = -a
    if a.mean(axis=0)[0] < 0:
        a = a * np.array([-1, -1, 1])
    for axis in (2, 1):
        h = a.mean(axis=0)
        angle = np.arctan2(h[axis], h[0])
        turn = np.eye(3)
        turn[0, 0] = turn[axis, axis] = np.cos(angle)
        turn[0, axis] = -np.sin(angle)
        turn[axis, 0] = np.sin(angle)
        a = a @ turn
    rest = a[:, 1:] - a[:, 1:].mean(axis=0)
    values, vectors = np.linalg.eigh(rest.T @ rest)
    order = np.argsort(values)[::-1]
    for column, index in enumerate(order):
        component = vectors[:, index]
        if component[0] < 0 or (component[0] == 0 and component[1] < 0):
            component = -component
        a[:, 1 + column] = rest @ component
    return a


def rotations():
    cases = []
    for gravity in ([1, 0.1, 0.2], [0.1, -0.9, 0.3], [-0.2, 0.3, -0.95], [-1, 0.05, 0.1], [0.1, 0.2, 0.97], [0.3, 0.9, -0.1]):
        window = 0.3 * wave((12, 3), 7) * np.array([1, 2, 0.5]) + np.array(gravity)
        cases.append({"window": window.ravel().tolist(), "rotated": rotate(window).ravel().tolist()})
    return cases


json.dump(
    {"selfTest": self_test(), "cells": cells(), "optimizers": optimizers(), "rotations": rotations()},
    sys.stdout,
)
print()
