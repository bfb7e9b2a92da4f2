import type { Assignment, Claim, Report, WorkerState } from '../../src/messaging/messages.js';

/** The smallest valid message of each kind. */
export function assignment(
  number: number,
  sweepId = 'sweep1',
): { messageId: string; assignment: Assignment } {
  return {
    messageId: `${sweepId}-${number}:1`,
    assignment: {
      version: 1,
      sweepId,
      trainable: { kind: 'builtin', name: 'none' },
      trials: [{ number, parameters: { lr: 0.1 }, seed: 7 }],
    },
  };
}

export function claim(numbers: number[], sweepId = 'sweep1'): Claim {
  return { version: 1, workerId: 'worker1', sweepId, numbers };
}

export function report(number: number, sequence: number, sweepId = 'sweep1'): Report {
  return {
    version: 1,
    kind: 'metrics',
    sweepId,
    number,
    attempt: 1,
    workerId: 'worker1',
    sequence,
    at: 1_700_000_000_000,
    step: sequence,
    metrics: { loss: 1 / (sequence + 1) },
  };
}

export function workerState(workerId: string, changes: Partial<WorkerState> = {}): WorkerState {
  return {
    version: 1,
    workerId,
    host: 'here',
    pid: 1,
    pool: 'default',
    state: 'running',
    slots: 2,
    backend: 'none',
    device: 'none',
    memoryBytes: 0,
    running: [],
    startedAt: 0,
    at: 0,
    ...changes,
  };
}
