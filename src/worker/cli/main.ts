#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { tolerateClosedOutput } from '../../support/closed-output.js';
import { ExitCode, UserFacingError } from '../../support/errors.js';
import { doctorCommand } from './doctor.js';
import { startCommand } from './start.js';

const program = new Command('worker')
  .description('Sweepyard worker: trains the trials that a coordinator hands out.')
  .addCommand(startCommand())
  .addCommand(doctorCommand())
  .showHelpAfterError('(--help shows the flags)');
for (const command of [program, ...program.commands]) command.exitOverride();
tolerateClosedOutput();

try {
  await program.parseAsync();
  process.exitCode = ExitCode.Success;
} catch (error) {
  process.exitCode = report(error);
}
// Whatever a user's module left running in a thread is over by now; nothing else is to be waited for.
process.exit();

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Success : ExitCode.Usage;
  if (error instanceof UserFacingError) {
    console.error(`worker: ${error.message}`);
    return error.exitCode;
  }
  console.error(error);
  return ExitCode.Failure;
}
