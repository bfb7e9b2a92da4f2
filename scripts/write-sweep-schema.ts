// Writes configs/sweep.schema.json from the schema that sweep files are checked with: npm run schema
import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { sweepJsonSchema } from '../src/sweep/definition/json-schema.js';

const file = new URL('../configs/sweep.schema.json', import.meta.url);
const options = await resolveConfig(file);
writeFileSync(file, await format(JSON.stringify(sweepJsonSchema()), { ...options, parser: 'json' }));
