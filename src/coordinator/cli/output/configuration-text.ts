import { show } from '../../../sweep/domain.js';
import type { Parameters, ParameterValue } from '../../../sweep/parameter.js';
import { formatNumber } from '../../../sweep/units.js';

/** `lr=0.0025  nhidden=16` for each configuration, names under each other where the lengths allow it. */
export function configurationTexts(configurations: readonly Parameters[]): string[] {
  const names = [...new Set(configurations.flatMap((configuration) => Object.keys(configuration)))];
  const texts = configurations.map((configuration) =>
    names.map((name) =>
      configuration[name] === undefined ? '' : `${name}=${valueText(configuration[name])}`,
    ),
  );
  const widths = names.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  return texts.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function valueText(value: ParameterValue): string {
  if (typeof value === 'number') return formatNumber(value);
  return typeof value === 'string' && /^[\w.:/-]+$/.test(value) ? value : show(value);
}
