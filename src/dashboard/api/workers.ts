import { z } from 'zod';
import { natural, time } from './common.js';

export const workerView = z.object({
  id: z.string(),
  host: z.string(),
  pool: z.string(),
  state: z.enum(['running', 'draining', 'stopped', 'lost']),
  slots: natural,
  busy: natural,
  backend: z.string().meta({ description: 'what trains there, with its kernels' }),
  device: z.string(),
  memoryBytes: z.number(),
  startedAt: time,
  seenAt: time,
  runs: z.array(z.object({ sweep: z.string(), name: z.string(), number: natural })).meta({
    description: 'trials that it runs now',
  }),
  ended: natural.meta({ description: 'trials of running sweeps that ended there' }),
  failed: natural.meta({ description: 'of these, failed ones' }),
  quarantine: z
    .array(z.object({ sweep: z.string(), name: z.string(), reason: z.string() }))
    .meta({ description: 'sweeps of which it gets no trials for now' }),
});

export const workersAnswer = z.object({ workers: z.array(workerView), now: time });
export type WorkersAnswer = Readonly<z.infer<typeof workersAnswer>>;
export type WorkerView = WorkersAnswer['workers'][number];
