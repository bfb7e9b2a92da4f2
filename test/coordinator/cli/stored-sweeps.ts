import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Output } from '../../../src/coordinator/cli/output/output.js';
import { openStore } from '../../../src/store/open-store.js';
import type { SweepStore } from '../../../src/store/sweep-store.js';
import { readDefinition } from '../../../src/sweep/definition.js';
import { trialSeed } from '../../../src/sweep/random.js';
import type { SweepDefinition } from '../../../src/sweep/sweep-definition.js';
import type { Metrics, TerminalState } from '../../../src/sweep/trial.js';

/** What a command wrote. */
export class Recorded implements Output {
  text = '';
  remarks = '';
  constructor(readonly width = 200) {}
  write(text: string): Promise<void> {
    this.text += text;
    return Promise.resolve();
  }
  remark(text: string): void {
    this.remarks += `${text}\n`;
  }
}

/** Runs a command as the shell would, over a data directory. */
export async function runCommand(
  create: (output: Output) => Command,
  args: readonly string[],
  output = new Recorded(),
): Promise<Recorded> {
  const command = create(output).exitOverride();
  command.configureOutput({
    writeOut: (text) => void output.write(text),
    writeErr: (text) => output.remark(text),
  });
  await command.parseAsync([...args], { from: 'user' });
  return output;
}

export function definitionOf(yaml: string): SweepDefinition {
  const result = readDefinition(yaml, { baseDirectory: '/' });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.definition;
}

export interface Ended {
  readonly configuration: number;
  readonly replicate?: number;
  readonly parameters: Record<string, string | number | boolean>;
  readonly metrics?: Metrics;
  readonly state?: TerminalState;
  readonly failure?: { class: 'crash' | 'trial'; message: string };
}

/** Stores a sweep with trials that ended as said, by number. */
export async function storeSweep(store: SweepStore, yaml: string, trials: readonly Ended[]): Promise<string> {
  const definition = definitionOf(yaml);
  const { id } = await store.createSweep({ definition, source: yaml });
  await store.addTrials(
    id,
    trials.map(({ configuration, replicate = 0, parameters }, number) => ({
      number,
      configuration,
      replicate,
      seed: trialSeed(definition.search.seed, configuration, replicate),
      parameters,
    })),
  );
  await store.record({
    sweepId: id,
    started: trials.map((_, number) => ({
      number,
      attempt: 1,
      workerId: 'worker-1',
      startedAt: 1_700_000_000_000,
    })),
    results: trials.map(({ metrics = {}, state = 'completed', failure }, number) => ({
      number,
      attempt: 1,
      state,
      metrics,
      finishedAt: 1_700_000_060_000,
      ...(failure ? { failure } : {}),
    })),
  });
  return id;
}

/** A data directory of its own with an open store; `close` ends both. */
export async function temporaryStore(): Promise<{
  directory: string;
  store: SweepStore;
  close: () => Promise<void>;
}> {
  const directory = await mkdtemp(join(tmpdir(), 'sweepyard-cli-'));
  const store = await openStore({ directory });
  return {
    directory,
    store,
    close: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
