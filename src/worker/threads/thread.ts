import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
import { findPackSize, inParts } from '../packs/find-pack-size.js';
import { messageOf } from '../../support/errors.js';
import { loadTrainable } from '../trainables/registry.js';
import type { Trainable } from '../trainables/trainable.js';
import type {
  AgentMessage,
  BackendDescription,
  Packing,
  SharedDataMessage,
  TaskReturn,
  ThreadHello,
  ThreadSettings,
  ThreadTask,
} from './protocol.js';
import { isModuleAbort } from './failure-of.js';
import { SharedDataClient } from './shared-data-client.js';
import { TaskContext, type ThreadHost } from './task-context.js';

/** The entry of a piscina thread. One task at a time; see `protocol.ts` for what is said. */

const { options, silent, modules } = workerData as ThreadSettings;
const { port1: port, port2: agentPort } = new MessageChannel();
let running: TaskContext | undefined;

const shared = new SharedDataClient((message: SharedDataMessage) => port.postMessage(message));
const host: ThreadHost = { port, shared, options, silent };

port.on('message', (message: AgentMessage) => {
  if (!shared.receive(message)) running?.lookAtFlags();
});
// Stacks show the lines of the user's TypeScript.
process.setSourceMapsEnabled(true);
if (modules) (await import('../trainables/module-trainable.js')).prepareForModules();
parentPort?.postMessage({ kind: 'hello', port: agentPort } satisfies ThreadHello, [agentPort]);

/**
 * Opens the training backend that the worker's flags ask for, and says what it is.
 * @throws SetupError where none of them works here
 */
export async function openBackend(): Promise<BackendDescription> {
  const backends = await import('../training/backends/open-backend.js');
  const { name, device } = await backends.openBackend(options);
  return { name, device };
}

/** How many of the members are to train together. */
async function packSize(
  trainable: Trainable<unknown>,
  parameters: unknown,
  packing: Packing | undefined,
  context: TaskContext,
): Promise<number> {
  if (!packing) return Infinity;
  if ('size' in packing) return packing.size;
  let isTried = true;
  const size = await findPackSize(async (count) => {
    try {
      const tried = await trainable.tryPack?.(parameters, count, context);
      isTried &&= tried !== undefined;
      return tried;
    } catch (error) {
      // Nothing can be trained here any more.
      if (isModuleAbort(error)) throw error;
      // One that does not work alone will say so when it trains; more than that may just be too many.
      if (count === 1) isTried = false;
      context.log(`${count} trials do not train together: ${messageOf(error)}`);
      return undefined;
    }
  }, packing.limits);
  if (!isTried) return Infinity;
  context.foundPackSize(size);
  return size;
}

/** Trains one pack. Never rejects: what goes wrong is the members' end. */
export async function train(task: ThreadTask): Promise<TaskReturn> {
  const context = new TaskContext(task, host);
  running = context;
  try {
    const trainable = await loadTrainable(task.trainable, {
      sweepId: task.sweepId,
      child: (pid, alive) => context.child(pid, alive),
      saving: (number) => context.saving(number),
    });
    for (const member of context.members) {
      const checked = trainable.parameters.safeParse(member.parameters);
      if (checked.success) member.parameters = checked.data;
      else context.fail(member, checked.error);
    }
    // Loading took its time: who was stopped meanwhile need not begin.
    context.lookAtFlags();
    context.handOnWhatIsDone();
    const members = context.members.filter((member) => !member.isGone);
    if (members.length === 0) return context.close();
    const size = await packSize(trainable, members[0]?.parameters, task.packing, context);
    for (const part of inParts(members, Math.min(size, members.length))) {
      // Who was stopped while others trained need not begin.
      context.lookAtFlags();
      const left = part.filter((member) => !member.isGone);
      if (left.length > 0) await trainable.train({ members: left }, context);
    }
    return context.close();
  } catch (thrown) {
    const result = context.close({ thrown });
    if (isModuleAbort(thrown)) {
      // Another thread takes the place of this one, whose backend is no more.
      context.sendEnds(result.ended);
      process.exit(1);
    }
    return result;
  } finally {
    running = undefined;
    shared.release();
  }
}
