import type { ActionAnswer, SubmitAnswer } from '../../dashboard/server/control.js';
import type { CoordinatorBus } from '../../messaging/bus.js';
import {
  protocolVersion,
  type ControlReply,
  type ControlRequest,
  type SubmitReply,
  type SubmitRequest,
} from '../../messaging/messages.js';
import type { SweepAction } from '../../sweep/steering/sweep-action.js';
import { EnvironmentError, messageOf, UsageError, UserFacingError } from '../../support/errors.js';

/** Whoever carries out actions on one sweep. */
export interface Actor {
  act(action: SweepAction, by: string): Promise<ActionAnswer>;
}

const version = protocolVersion;

/** Answers a request of another process: with what changed, or why nothing did. */
export async function answerAction(actor: Actor, { action, by }: ControlRequest): Promise<ControlReply> {
  try {
    return { version, message: (await actor.act(action, by)).message };
  } catch (error) {
    return { version, message: messageOf(error), refused: error instanceof UsageError ? 'wrong' : 'state' };
  }
}

/** The same for a sweep that is handed in. */
export async function answerSubmission(
  submit: (request: SubmitRequest) => Promise<SubmitAnswer>,
  request: SubmitRequest,
): Promise<SubmitReply> {
  try {
    return { version, accepted: true, ...(await submit(request)) };
  } catch (error) {
    const refused = error instanceof UsageError ? 'wrong' : 'state';
    return { version, accepted: false, message: messageOf(error), refused };
  }
}

/**
 * Asks the coordinator that runs a sweep; undefined where none does.
 * @throws UsageError where the action is wrong, UserFacingError where it is refused, EnvironmentError without an answer
 */
export async function requestAction(
  bus: CoordinatorBus,
  sweepId: string,
  action: SweepAction,
  by: string,
): Promise<ActionAnswer | undefined> {
  const reply = await bus.requestControl(sweepId, { version, by, action });
  if (!reply) return undefined;
  const { message, refused } = reply;
  if (refused !== undefined) throw refusal(message, refused);
  return { message };
}

/** Hands a sweep to the coordinator that stays. @throws as `requestAction`; EnvironmentError where there is none */
export async function requestSubmission(
  bus: CoordinatorBus,
  request: Omit<SubmitRequest, 'version'>,
): Promise<SubmitAnswer> {
  const reply = await bus.submit({ version, ...request });
  if (!reply)
    throw new EnvironmentError('no coordinator takes sweeps here: `coordinator serve` starts one that does');
  if (!reply.accepted) throw refusal(reply.message, reply.refused);
  const { sweepId, name, state } = reply;
  return { sweepId, name, state };
}

function refusal(message: string, refused: 'wrong' | 'state'): UserFacingError {
  return refused === 'wrong' ? new UsageError(message) : new UserFacingError(message);
}
