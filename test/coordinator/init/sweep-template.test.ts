import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { initCommand } from '../../../src/coordinator/cli/init.js';
import { sweepTemplate, trainableKinds } from '../../../src/coordinator/init/sweep-template.js';
import { definitionOf } from '../definitions.js';

describe('sweep template', () => {
  it.each(trainableKinds)('init - what is commented out is right, too: %s', (trainable) => {
    const { text } = sweepTemplate({ name: 'a', trainable });
    const uncommented = text.replace(/^# (pruner|limits|budget|trial): /gm, '$1: ');
    expect(uncommented).not.toBe(text);
    // Of the limits alone it depends on what is measured.
    const { pruner } = definitionOf(uncommented.replace(/^limits:.*$/m, ''));
    expect(pruner).toMatchObject({ type: 'asha', max: trainable === 'har' ? 90 : 5 });
    if (trainable === 'har') return;
    const forecast = /# or (\{ type: forecast.*\})$/m.exec(text)?.[1];
    expect(definitionOf(text.replace(/^# pruner:.*$/m, `pruner: ${forecast}`)).pruner).toMatchObject({
      type: 'forecast',
      max: 5,
    });
  });

  it.each(['true', 'null', '1e5', '0x1F', 'my-search'])('init - the name %s stays a text', (name) => {
    expect(definitionOf(sweepTemplate({ name, trainable: 'command' }).text).name).toBe(name);
  });

  it.each(['123', '-x', 'a b', ''])(
    'init - the name "%s", which no sweep can have, is refused',
    async (name) => {
      const file = join('/nowhere', 'sweep.yaml');
      const flags = [file, '--trainable', 'har', `--name=${name}`];
      await expect(initCommand().parseAsync(flags, { from: 'user' })).rejects.toThrow(
        `--name: "${name}" must`,
      );
    },
  );
});
