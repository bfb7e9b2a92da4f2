import { access, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { sweepNameProblem } from '../../sweep/definition/sweep-name.js';
import { messageOf, UsageError, UserFacingError } from '../../support/errors.js';
import { trainableKinds, sweepTemplate, type TrainableKind } from '../init/sweep-template.js';
import { terminalOutput, type Output } from './output/output.js';

interface Flags {
  readonly trainable?: TrainableKind;
  readonly name?: string;
  readonly force: boolean;
}

const help = `
Examples:
  coordinator init
  coordinator init sweep.yaml --trainable command --name my-search
  coordinator init --trainable module
`;

export function initCommand(output: Output = terminalOutput()): Command {
  return new Command('init')
    .description('write a commented sweep file to begin with; asks only in a terminal')
    .argument('[file]', 'where to', 'sweep.yaml')
    .addOption(
      new Option('--trainable <kind>', 'what is trained: a program, a module, or a built-in one').choices([
        ...trainableKinds,
      ]),
    )
    .option('--name <name>', 'of the sweep')
    .option('--force', 'also over a file that is there', false)
    .addHelpText('after', help)
    .action(async (file: string, flags: Flags) => {
      if (!flags.force && (await exists(file)))
        throw new UsageError(`${file} is there already; --force writes over it`);
      const answers = await ask(flags);
      const problem = sweepNameProblem(answers.name);
      if (problem !== undefined) throw new UsageError(`--name: "${answers.name}" ${problem}`);
      const { text, files } = sweepTemplate(answers);
      await write(file, text, true);
      output.remark(`${file} written`);
      for (const [name, content] of Object.entries(files)) {
        if (await exists(name)) output.remark(`${name} is there already, and stays as it is`);
        else await write(name, content, false);
      }
      output.remark(`next: coordinator validate ${file}, then coordinator start ${file}`);
    });
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}

async function write(file: string, text: string, over: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: over ? 'w' : 'wx' });
  } catch (error) {
    throw new UserFacingError(`${file} cannot be written: ${messageOf(error)}`, undefined, { cause: error });
  }
}

/** Flags first; what they leave open is asked for in a terminal, and has a default elsewhere. */
async function ask({ trainable, name }: Flags): Promise<{ trainable: TrainableKind; name: string }> {
  if (!process.stdin.isTTY || !process.stdout.isTTY || (trainable !== undefined && name !== undefined))
    return { trainable: trainable ?? 'command', name: name ?? 'my-search' };
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const called = name ?? ((await lines.question('Name of the sweep [my-search]: ')).trim() || 'my-search');
    if (trainable !== undefined) return { trainable, name: called };
    const kind = (await lines.question(`What is trained (${trainableKinds.join(', ')}) [command]: `)).trim();
    const found = trainableKinds.find((known) => known === (kind || 'command'));
    if (!found) throw new UsageError(`"${kind}" is none of ${trainableKinds.join(', ')}`);
    return { trainable: found, name: called };
  } finally {
    lines.close();
  }
}
