import { Option } from 'commander';
import type { Output } from './output.js';

const outputFormats = ['table', 'json', 'jsonl', 'csv'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** `--format table|json|jsonl|csv`, for every command that lists; the first is the default. */
export function formatOption(...formats: readonly OutputFormat[]): Option {
  const choices = formats.length > 0 ? formats : outputFormats;
  return new Option('--format <format>', 'how to print').choices([...choices]).default(choices[0]);
}

/** Pretty, with a final newline: the JSON that commands print. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** What a command lists, in each format. */
export interface Listing {
  /** An array of what is listed; each on a line of its own as jsonl. */
  readonly json: () => readonly unknown[];
  /** With a header. */
  readonly csv: () => string;
  readonly table: (width: number | undefined) => string;
  /** Said instead of an empty table. */
  readonly nothing: string;
  /** For people, beside a table. */
  readonly remarks?: readonly (string | undefined)[];
}

/** One thing: lines for people, or JSON (as jsonl on one line). */
export async function printOne(
  output: Output,
  format: OutputFormat,
  { lines, json }: { readonly lines: () => readonly string[]; readonly json: () => unknown },
): Promise<void> {
  if (format === 'table') await output.write(`${lines().join('\n')}\n`);
  else await output.write(format === 'jsonl' ? `${JSON.stringify(json())}\n` : jsonText(json()));
}

export async function printListing(output: Output, format: OutputFormat, listing: Listing): Promise<void> {
  switch (format) {
    case 'json':
      return await output.write(jsonText(listing.json()));
    case 'jsonl':
      return await output.write(
        listing
          .json()
          .map((entry) => `${JSON.stringify(entry)}\n`)
          .join(''),
      );
    case 'csv':
      return await output.write(listing.csv());
    case 'table':
  }
  if (listing.json().length === 0) return output.remark(listing.nothing);
  await output.write(listing.table(output.width));
  for (const remark of listing.remarks ?? []) if (remark !== undefined) output.remark(remark);
}
