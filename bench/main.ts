/** `npm run bench -- NAME [--json]`: measures, with a peer in the same run where one can be installed. */
import { formatResult, type Benchmark } from './benchmark.js';
import { orchestration } from './orchestration.js';
import { trainingKernels } from './training-kernels.js';

const benchmarks: readonly Benchmark[] = [orchestration, trainingKernels];

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json');
  const names = args.filter((arg) => !arg.startsWith('--'));
  const unknownFlag = args.find((arg) => arg.startsWith('--') && arg !== '--json');
  const benchmark = benchmarks.find(({ name }) => name === names[0]);
  if (!benchmark || names.length !== 1 || unknownFlag !== undefined) {
    if (unknownFlag !== undefined) console.error(`bench: unknown flag ${unknownFlag}; there is --json`);
    else if (names.length > 0) console.error(`bench: there is no benchmark ${names.join(' ')}`);
    console.error('usage: npm run bench -- NAME [--json]\n');
    for (const { name, about } of benchmarks) console.error(`  ${name.padEnd(16)} ${about}`);
    return 2;
  }
  const result = await benchmark.run((line) => console.error(line));
  console.log(json ? JSON.stringify(result) : formatResult(result));
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
