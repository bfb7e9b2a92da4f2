import { expect, it, onTestFinished } from 'vitest';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { TaskMessage } from '../../../src/worker/threads/protocol.js';
import { SharedDataClient } from '../../../src/worker/threads/shared-data-client.js';
import { TaskContext } from '../../../src/worker/threads/task-context.js';

it('task context - one that has a checkpoint which it can not read may begin anew', () => {
  const { port1: port, port2: agent } = new MessageChannel();
  onTestFinished(() => port.close());
  const resume = { step: 5, state: Uint8Array.of(1), metrics: { loss: 2 }, attempt: 1 };
  const context = new TaskContext(
    {
      id: 1,
      sweepId: 'sweep',
      trainable: { kind: 'builtin', name: 'har' },
      members: [{ number: 0, seed: 1, parameters: {}, resume }],
      flags: new Int32Array(1),
      allowance: Int32Array.of(10),
      watchMemory: false,
    },
    {
      port,
      shared: new SharedDataClient(() => undefined),
      options: { backend: 'wasm', kernels: 'auto', cacheDirectory: '' },
      silent: true,
    },
  );
  const [member] = context.members;
  for (const step of [1, 2]) context.report(member!, step, { loss: 3 / step });
  context.report(member!, 1, { loss: 1 });
  const sent: TaskMessage[] = [];
  for (let next; (next = receiveMessageOnPort(agent));) sent.push(next.message as TaskMessage);
  expect(sent).toMatchObject([
    { kind: 'report', step: 1, metrics: { loss: 3 } },
    { kind: 'report', step: 2, metrics: { loss: 1.5 } },
  ]);
  const message = 'step 1 was reported after step 2: steps ascend';
  expect(context.close().ended).toMatchObject([{ end: { kind: 'failed', failure: { message } } }]);
});
