import { availableParallelism, cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { ExitCode } from '../../support/errors.js';
import { formatBytes } from '../../sweep/units.js';
import type { BackendDefinition } from '../training/backends/backend.js';
import { backends } from '../training/backends/open-backend.js';
import { probeBackend, type Probe } from '../training/backends/probe.js';

/** What one way of training came to on this machine. */
interface Finding {
  /** What `--backend` and `--kernels` take. */
  readonly backend: string;
  readonly kernels: string;
  readonly works: boolean;
  /** What computes, or why nothing does. */
  readonly what: string;
  /** Training of the published stacked LSTM, samples/s of one slot and of all. */
  readonly slots?: number;
  readonly oneSlot?: number;
  readonly allSlots?: number;
}

/** `worker doctor`. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('What this machine can train with, how fast, and how to get more.')
    .option('--json', 'one object instead of a text')
    .addHelpText(
      'after',
      `
Every backend trains the published stacked LSTM (9 signals, 128 steps, two layers of 32 units) for a second or two, in
a process of its own. Ends with 0 where one of them works, else with 1.`,
    )
    .action(async ({ json }: { readonly json?: boolean }) => {
      process.exitCode = await doctor(json ?? false);
    });
}

async function doctor(json: boolean): Promise<ExitCode> {
  const findings: Finding[] = [];
  for (const backend of backends) {
    // Of these kernels both are always worth knowing; other backends have one kind.
    for (const kernels of backend.name === 'wasm' ? ['native', 'wasm'] : ['auto'])
      findings.push(await examine(backend, kernels));
  }
  const machine = {
    processor: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
  };
  const fastest = findings.reduce<Finding | undefined>(
    (best, finding) => ((finding.allSlots ?? 0) > (best?.allSlots ?? 0) ? finding : best),
    undefined,
  );
  const best = fastest && { backend: fastest.backend, kernels: fastest.kernels };
  const text = json
    ? JSON.stringify({ machine, findings, ...(best && { best }) })
    : describe(machine, findings, fastest);
  process.stdout.write(`${text}\n`);
  return fastest ? ExitCode.Success : ExitCode.Failure;
}

async function examine(backend: BackendDefinition, kernels: string): Promise<Finding> {
  const found = backend.find?.();
  const base = { backend: backend.name, kernels };
  if (found && !found.found)
    return { ...base, works: false, what: `not installed; to get it: ${found.advice}` };
  const probe: Probe = await probeBackend(backend, kernels);
  if (!probe.works) return { ...base, works: false, what: probe.reason };
  const { device, samplesPerSecond, slots } = probe;
  return {
    ...base,
    works: true,
    what: device,
    slots,
    oneSlot: samplesPerSecond,
    allSlots: samplesPerSecond * slots,
  };
}

function describe(
  {
    processor,
    cores,
    memoryBytes,
    node,
  }: { processor: string; cores: number; memoryBytes: number; node: string },
  findings: readonly Finding[],
  fastest: Finding | undefined,
): string {
  const lines = [
    `${processor}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${formatBytes(memoryBytes)}, Node.js ${node}`,
  ];
  for (const { backend, kernels, works, what, oneSlot, slots } of findings) {
    const flags = `--backend ${backend}${kernels === 'auto' ? '' : ` --kernels ${kernels}`}`;
    const speed =
      oneSlot === undefined
        ? ''
        : ` ${rate(oneSlot)} in one slot, ${slots} ${slots === 1 ? 'slot' : 'slots'}`;
    lines.push('', `${works ? 'works' : 'no   '}  ${flags}${speed}`, `       ${what}`);
  }
  lines.push(
    '',
    fastest
      ? `auto takes ${fastest.backend}: ${rate(fastest.allSlots ?? 0)} with all slots, if they do not slow each other down`
      : 'no backend works: this worker can run modules and programs only',
  );
  return lines.join('\n');
}

function rate(samplesPerSecond: number): string {
  return `${Math.round(samplesPerSecond).toLocaleString('en')} samples/s`;
}
