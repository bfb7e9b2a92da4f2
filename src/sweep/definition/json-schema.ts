import { z } from 'zod';
import { sweepFileSchema } from './schema.js';

/** The JSON schema of sweep files, for editors: `configs/sweep.schema.json` is this, formatted. */
export function sweepJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(sweepFileSchema, { io: 'input' });
}
