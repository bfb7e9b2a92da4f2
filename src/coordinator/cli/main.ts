#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { tolerateClosedOutput } from '../../support/closed-output.js';
import { ExitCode, UserFacingError } from '../../support/errors.js';
import { adviceCommand } from './advice.js';
import { backupCommand } from './backup.js';
import { bestCommand } from './best.js';
import { compareCommand } from './compare.js';
import { completionCommand } from './completion.js';
import { initCommand } from './init.js';
import { plotCommand } from './plot.js';
import { dashboardCommand } from './dashboard.js';
import { doctorCommand } from './doctor.js';
import { exportCommand } from './export.js';
import { importCommand } from './import.js';
import { importanceCommand } from './importance.js';
import { logsCommand } from './logs.js';
import { lrRangeCommand } from './lr-range.js';
import { migrateStoreCommand } from './migrate-store.js';
import { paretoCommand } from './pareto.js';
import { restoreCommand } from './restore.js';
import { simulateCommand } from './simulate.js';
import { reportCommand } from './report.js';
import { watchCommand } from './watch.js';
import { serveCommand } from './serve.js';
import { startCommand } from './start.js';
import {
  addCommand,
  cancelCommand,
  pauseCommand,
  priorityCommand,
  quarantineCommand,
  resumeCommand,
  retryCommand,
  setCommand,
} from './steering-commands.js';
import { statusCommand } from './status.js';
import { stopCommand } from './stop.js';
import { submitCommand } from './submit.js';
import { sweepsCommand } from './sweeps.js';
import { trialCommand } from './trial.js';
import { trialsCommand } from './trials.js';
import { validateCommand } from './validate.js';

const program = new Command('coordinator')
  .description('Sweepyard coordinator: runs sweeps, and answers which configuration is best.')
  .showHelpAfterError('(--help shows the flags)');
for (const create of [
  startCommand,
  stopCommand,
  serveCommand,
  submitCommand,
  pauseCommand,
  resumeCommand,
  setCommand,
  priorityCommand,
  addCommand,
  cancelCommand,
  retryCommand,
  quarantineCommand,
  dashboardCommand,
  validateCommand,
  simulateCommand,
  sweepsCommand,
  statusCommand,
  trialsCommand,
  bestCommand,
  adviceCommand,
  compareCommand,
  importanceCommand,
  logsCommand,
  paretoCommand,
  trialCommand,
  importCommand,
  completionCommand,
  initCommand,
  plotCommand,
  reportCommand,
  watchCommand,
  exportCommand,
  lrRangeCommand,
  backupCommand,
  restoreCommand,
  migrateStoreCommand,
  doctorCommand,
]) {
  // Subcommands that are added ready-made inherit nothing.
  program.addCommand(create().exitOverride().showHelpAfterError('(--help shows the flags)'));
}
program.exitOverride();
tolerateClosedOutput();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
// A connection that does not want to close is no reason to stay.
setTimeout(() => process.exit(), 3_000).unref();

function report(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Success : ExitCode.Usage;
  if (error instanceof UserFacingError) {
    console.error(`coordinator: ${error.message}`);
    return error.exitCode;
  }
  console.error(error);
  return ExitCode.Failure;
}
