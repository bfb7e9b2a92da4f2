/** `npm run bench -- NAME [--json]`: measures, with a peer in the same run where one can be installed. */
import { parseArgs } from 'node:util';
import { formatResult, UsageError, type Benchmark } from './benchmark.js';
import { dashboard } from './dashboard.js';
import { orchestration } from './orchestration.js';
import { packing } from './packing.js';
import { pruningQuality } from './pruning.js';
import { samplerCost } from './sampler-cost.js';
import { scale } from './scale.js';
import { searchQuality } from './search.js';
import { training } from './training.js';
import { trainingKernels } from './training-kernels.js';
import { trainingMemory } from './training-memory.js';

const benchmarks: readonly Benchmark[] = [
  orchestration,
  scale,
  training,
  trainingKernels,
  trainingMemory,
  packing,
  searchQuality,
  pruningQuality,
  samplerCost,
  dashboard,
];

async function main(args: readonly string[]): Promise<number> {
  const options: Record<string, { type: 'string' | 'boolean' }> = { json: { type: 'boolean' } };
  for (const flag of benchmarks.flatMap(({ flags }) => Object.keys(flags ?? {})))
    options[flag] = { type: 'string' };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const benchmark = benchmarks.find(({ name }) => name === positionals[0]);
    if (!benchmark || positionals.length !== 1) {
      throw new UsageError(
        positionals.length > 0 ? `there is no benchmark ${positionals.join(' ')}` : 'which benchmark?',
      );
    }
    const { json, ...flags } = values;
    const foreign = Object.keys(flags).find((flag) => !Object.hasOwn(benchmark.flags ?? {}, flag));
    if (foreign !== undefined) throw new UsageError(`${benchmark.name} has no flag --${foreign}`);
    const result = await benchmark.run(
      (line) => console.error(line),
      flags as Readonly<Record<string, string>>,
    );
    console.log(json === true ? JSON.stringify(result) : formatResult(result));
    return 0;
  } catch (error) {
    if (!(error instanceof Error) || !isUsage(error)) throw error;
    console.error(`bench: ${error.message}\n${usage()}`);
    return 2;
  }
}

function isUsage(error: Error): boolean {
  return error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
}

function usage(): string {
  const lines = benchmarks.flatMap(({ name, about, flags }) => [
    `  ${name.padEnd(16)} ${about}`,
    ...Object.entries(flags ?? {}).map(([flag, meaning]) => `  ${''.padEnd(16)}   --${flag} ${meaning}`),
  ]);
  return ['usage: npm run bench -- NAME [--json]', '', ...lines].join('\n');
}

process.exitCode = await main(process.argv.slice(2));
