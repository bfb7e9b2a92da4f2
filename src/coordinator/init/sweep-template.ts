import { stringify } from 'yaml';

export const trainableKinds = ['command', 'module', 'har'] as const;
export type TrainableKind = (typeof trainableKinds)[number];

export interface TemplateAnswers {
  readonly name: string;
  readonly trainable: TrainableKind;
}

/** A commented sweep file that runs as it is, and what it needs beside it, by file name. */
export function sweepTemplate({ name, trainable }: TemplateAnswers): {
  readonly text: string;
  readonly files: Readonly<Record<string, string>>;
} {
  const { head, space, objectives, pruner, files } = kinds[trainable];
  const text = `# What to search, for \`coordinator start\`. All keys: docs/sweep-file.md.
name: ${stringify(name).trim()}

${head}
# What is varied.
space:
${space}
# Other kinds:
#   layers: { ordinal: [1, 2, 4] }                       values in order
#   warmup: { value: 'lr / 10' }                         computed, not searched
#   momentum: { float: [0, 0.99], when: 'optimizer == "sgd"' }   exists only there

# Which metrics are to be large or small; the first one ranks.
objectives: ${objectives}
# Results that hold these are preferred.
# limits: ['memory <= 16384']

search:
  # auto takes grid, gp or tpe, and says why; others: random, sobol, cmaes, nsga2, pbt (docs/search.md).
  sampler: auto
  trials: 30 # in all, replicates counted one by one

# The same configuration gives another result with every seed: contenders for the best get up to five.
replicates: { min: 1, max: 5 }

# What stops trials early; max is the last step of a whole one. forecast needs the least training for the best result of one
# objective, where a trial takes a minute or more and keeps checkpoints; asha is for thousands of short trials, for several
# objectives, and for trainables without checkpoints (docs/pruning.md).
# pruner: ${pruner}

# What ends the search before its trials do.
# budget: { time: 2h, until: 'accuracy >= 0.95' }

# What a single trial may take.
# trial: { timeout: 30m, memoryLimit: 4GB, retries: 2 }
`;
  return { text, files };
}

interface Kind {
  readonly head: string;
  readonly space: string;
  readonly objectives: string;
  readonly pruner: string;
  readonly files: Readonly<Record<string, string>>;
}

const usualSpace = `  lr: { float: [1e-4, 1e-1], log: true }
  units: { int: [8, 64], step: 8 }
  optimizer: [adam, sgd]`;

/** The programs that stand for the user's take five steps. */
const shortPruner = '{ type: asha, max: 5 } # or { type: forecast, max: 5 }';

const kinds: Readonly<Record<TrainableKind, Kind>> = {
  command: {
    head: `# Your program. Each {name} is replaced by the parameter; {seed} by the trial's seed. It prints lines
#   REPORT {"step": 3, "accuracy": 0.8}   as it goes on, and
#   RESULT {"accuracy": 0.9}              at the end, as JSON or as a Python dict.
trainable: { command: [node, train.mjs, '{lr}', '{units}', '{optimizer}'] }
`,
    space: usualSpace,
    objectives: '{ accuracy: maximize }',
    pruner: shortPruner,
    files: {
      'train.mjs': `// Stands for your training program: replace it.
const [lr, units, optimizer] = process.argv.slice(2);
const noise = () => 0.01 * (Math.random() - 0.5);
const best = 0.95 - 0.1 * (Math.log10(Number(lr)) + 2) ** 2 - (optimizer === 'sgd' ? 0.05 : 0);
const final = best - ((Number(units) - 40) / 200) ** 2;
for (let step = 1; step <= 5; step++) {
  console.log('REPORT', JSON.stringify({ step, accuracy: final * (1 - 0.5 ** step) + noise() }));
}
console.log('RESULT', JSON.stringify({ accuracy: final + noise() }));
`,
    },
  },
  module: {
    head: `# Your module: its default export trains one trial (docs/trainables.md). Workers run it where \`--allow-modules\` says so.
trainable: ./train.ts
`,
    space: usualSpace,
    objectives: '{ accuracy: maximize }',
    pruner: shortPruner,
    files: {
      'train.ts': `// Stands for your training: replace it.
interface Parameters {
  lr: number;
  units: number;
  optimizer: string;
}

interface Trial {
  seed: number;
  signal: AbortSignal;
  report(metrics: Record<string, number>, step: number): void;
}

export default async function train({ lr, units, optimizer }: Parameters, trial: Trial) {
  const best = 0.95 - 0.1 * (Math.log10(lr) + 2) ** 2 - (optimizer === 'sgd' ? 0.05 : 0);
  const accuracy = best - ((units - 40) / 200) ** 2;
  for (let step = 1; step <= 5 && !trial.signal.aborted; step++) trial.report({ accuracy: accuracy * (1 - 0.5 ** step) }, step);
  return { accuracy };
}
`,
    },
  },
  har: {
    head: `# A recurrent net on UCI HAR (docs/har.md), read from --data PATH or downloaded.
trainable: har
fixed:
  dataset: uci-har
  architecture: gru-two-stage
  passes: 30
`,
    space: `  nhidden: { int: [4, 32] }
  lr: { float: [5e-4, 1e-2], log: true }
  optimizer: [adam, rmsprop]`,
    objectives: '{ accuracy: maximize, memory: minimize, time: minimize }',
    // Accuracy is measured from the second stage on: 30 passes, then 60.
    pruner: '{ type: asha, min: 36, max: 90 } # accuracy is measured from step 31 on',
    files: {},
  },
};
