import { Option } from 'commander';

export const outputFormats = ['table', 'json', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** `--format table|json|csv`, for every command that lists. */
export function formatOption(): Option {
  return new Option('--format <format>', 'how to print').choices([...outputFormats]).default('table');
}

/** Pretty, with a final newline: the JSON that commands print. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
