import { z } from 'zod';
import { Direction } from '../../sweep/sweep-definition.js';
import { TrialState } from '../../sweep/trial.js';

/** Pieces that several answers have. All times are milliseconds since the epoch, by the server's clock. */

export const parameterValue = z.union([z.string(), z.number(), z.boolean()]);
export const parameters = z.record(z.string(), parameterValue);
export const metrics = z.record(z.string(), z.number());
export const trialState = z.enum(TrialState);
export const direction = z.enum(Direction);
export const natural = z.int().nonnegative();
export const time = z.number().meta({ description: 'milliseconds since the epoch' });

/** The state of the sweep that an answer is about: every change of a trial makes it one more. */
export const revision = natural.meta({ description: 'state of the sweep that this is about' });

/** A number in an address. */
export const naturalText = z.coerce.number().pipe(natural);

/** One or several: `?y=a&y=b`. */
export const several = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? [given] : given))
  .pipe(z.array(z.string().min(1).max(200)).max(100));

export const where = z.string().max(2000).optional().meta({
  description:
    'Only trials for which this is true: an expression over parameters, metrics, state, number, step, duration, worker, ...',
  example: 'accuracy > 0.9 && lr < 0.01',
});

export const columnName = z.string().min(1).max(200).meta({
  description:
    'number, state, step, duration, worker, created, started, finished, parameter:NAME or metric:NAME, ...',
  example: 'parameter:lr',
});
