import { z } from 'zod';
import { parameterValue } from './common.js';

/** A sweep whose results can be drawn beside those of another. */
const besideSweep = z.object({
  id: z.string(),
  name: z.string(),
  imported: z.boolean().meta({ description: 'its results come from elsewhere' }),
  matches: z.boolean().meta({
    description: 'imported, and fixes nothing to another value: the published figure of this sweep',
  }),
  searched: z.array(z.string()).meta({ description: 'parameters that it searches' }),
  metrics: z.array(z.string()).meta({ description: 'its objectives' }),
  fixed: z
    .record(z.string(), parameterValue)
    .meta({ description: 'what it fixes of what this sweep searches' }),
  differing: z.array(z.string()).meta({ description: 'parameters that both fix, to different values' }),
  where: z.string().optional().meta({
    description: 'true for its trials that agree with what this sweep fixes; absent: for all',
  }),
});
export type BesideSweep = Readonly<z.infer<typeof besideSweep>>;

export const besideAnswer = z.object({
  sweeps: z.array(besideSweep).meta({ description: 'what matches, then what is imported, newest first' }),
});
export type BesideAnswer = Readonly<z.infer<typeof besideAnswer>>;
