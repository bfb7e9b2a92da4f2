import { z } from 'zod';
import {
  columnName,
  metrics,
  natural,
  naturalText,
  parameters,
  revision,
  time,
  trialState,
  where,
} from './common.js';

export const trialsQuery = z.strictObject({
  where,
  state: trialState.optional(),
  sort: columnName.default('number').meta({
    description: 'The column to sort by, with `-` in front: descending. Trials without it come last.',
    example: '-metric:accuracy',
  }),
  limit: naturalText.pipe(z.int().min(1).max(1000)).default(100),
  offset: naturalText.default(0),
});

/** All of them, as rows of a file. */
export const trialsCsvQuery = trialsQuery.omit({ limit: true, offset: true });

export const failure = z.object({ class: z.string(), message: z.string() });

/** A trial without what only its own page needs. */
export const trialView = z.object({
  number: natural,
  configuration: natural,
  replicate: natural,
  seed: natural,
  parameters,
  state: trialState,
  attempts: natural,
  metrics,
  lastStep: z.number().optional(),
  failure: failure.optional(),
  reason: z.string().optional(),
  workerId: z.string().optional(),
  createdAt: time,
  startedAt: time.optional(),
  finishedAt: time.optional(),
});

export const trialsAnswer = z.object({
  revision,
  total: natural.meta({ description: 'trials that the filter lets through' }),
  trials: z.array(trialView),
});
export type TrialsAnswer = Readonly<z.infer<typeof trialsAnswer>>;
