import { Argument, Command } from 'commander';
import { terminalOutput, type Output } from './output/output.js';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

const help = `
Examples:
  source <(coordinator completion bash)                                   in ~/.bashrc
  source <(coordinator completion zsh)                                    in ~/.zshrc, after compinit
  coordinator completion fish > ~/.config/fish/completions/coordinator.fish
`;

/** Completes commands, their flags, and the values that flags can have, as the commands themselves know them. */
export function completionCommand(output: Output = terminalOutput()): Command {
  return new Command('completion')
    .description('print what lets a shell complete commands and flags')
    .addArgument(new Argument('<shell>', 'which shell').choices([...shells]))
    .addHelpText('after', help)
    .action(async (shell: Shell, _flags: unknown, command: Command) => {
      const program = command.parent ?? command;
      await output.write(scripts[shell](describe(program)));
    });
}

interface Described {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly {
    readonly name: string;
    readonly description: string;
    readonly values: readonly string[];
  }[];
  /** Values of its arguments. */
  readonly values: readonly string[];
}

function describe(program: Command): Described[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    flags: command.options.map((option) => ({
      name: option.long ?? option.short ?? '',
      description: option.description,
      values: option.argChoices ?? [],
    })),
    values: command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  }));
}

const scripts: Readonly<Record<Shell, (commands: readonly Described[]) => string>> = {
  bash: (commands) => `${bashFunction(commands)}\ncomplete -o default -F _coordinator coordinator\n`,
  // zsh runs the same function by its emulation of bash.
  zsh: (commands) =>
    `autoload -U +X bashcompinit && bashcompinit\n${bashFunction(commands)}\ncomplete -o default -F _coordinator coordinator\n`,
  fish: (commands) => `${fishLines(commands).join('\n')}\n`,
};

function bashFunction(commands: readonly Described[]): string {
  const cases = commands.map(({ name, flags, values }) => {
    const choices = flags
      .filter((flag) => flag.values.length > 0)
      .map((flag) => `        ${flag.name}) words='${flag.values.join(' ')}' ;;`);
    const all = [...flags.map((flag) => flag.name), '--help', ...values].join(' ');
    return [
      `    ${name})`,
      '      case "$previous" in',
      ...choices,
      `        *) words='${all}' ;;`,
      '      esac ;;',
    ].join('\n');
  });
  return `_coordinator() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} --help'
  else case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac; fi
  # Where no word fits, files do.
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}`;
}

function fishLines(commands: readonly Described[]): string[] {
  const quote = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;
  return commands.flatMap(({ name, description, flags, values }) => [
    `complete -c coordinator -n __fish_use_subcommand -f -a ${name} -d ${quote(description)}`,
    ...flags
      .filter((flag) => flag.name.startsWith('--'))
      .map((flag) => {
        const choices = flag.values.length > 0 ? ` -x -a ${quote(flag.values.join(' '))}` : '';
        return `complete -c coordinator -n '__fish_seen_subcommand_from ${name}' -l ${flag.name.slice(2)} -d ${quote(flag.description)}${choices}`;
      }),
    ...(values.length > 0
      ? [`complete -c coordinator -n '__fish_seen_subcommand_from ${name}' -f -a ${quote(values.join(' '))}`]
      : []),
  ]);
}
