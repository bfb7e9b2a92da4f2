import { useEffect, useState } from 'preact/hooks';
import type { TrialsAnswer } from '../../api/trials.js';
import type { SweepDefinition } from '../../../sweep/sweep-definition.js';
import { formatMetric, formatParameter } from '../data/format.js';
import type { SweepModel } from '../live/sweep-model.js';
import { question, useAnswer } from '../live/use-answer.js';
import { CsvButton } from './downloads.js';

interface CompareTrialsProps {
  readonly model: SweepModel;
  readonly definition: SweepDefinition;
  readonly metrics: readonly string[];
  readonly numbers: readonly number[];
  readonly onOpen: (trial: number) => void;
  readonly onClear: () => void;
}

/** Chosen trials beside each other; what differs stands out. */
export function CompareTrials({ model, definition, metrics, numbers, onOpen, onClear }: CompareTrialsProps) {
  const where = `number in [${numbers.join(', ')}]`;
  const { data } = useAnswer<TrialsAnswer>(model, question('trials', { where, limit: 100 }));
  const [shown, setShown] = useState<TrialsAnswer['trials']>([]);
  useEffect(() => {
    if (data) setShown(data.trials.filter(({ number }) => numbers.includes(number)));
  }, [data]);
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['state', shown.map(({ state }) => state)] as const,
    ...metrics.map((name) => [name, shown.map((trial) => formatMetric(name, trial.metrics[name]))] as const),
    ...Object.keys(definition.space).map(
      (name) => [name, shown.map((trial) => formatParameter(trial.parameters[name]))] as const,
    ),
  ];
  return (
    <section class="compare-trials" aria-label="Chosen trials" data-compared={shown.length}>
      <div class="panel-head">
        <h3>Chosen trials</h3>
        <CsvButton
          name="chosen-trials"
          rows={() => [
            ['', ...shown.map(({ number }) => number)],
            ...rows.map(([name, cells]) => [name, ...cells]),
          ]}
        />
        <button type="button" class="quiet push" onClick={onClear}>
          Clear
        </button>
      </div>
      <div class="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">trial</th>
              {shown.map(({ number }) => (
                <th scope="col" class="number" key={number}>
                  <button type="button" class="link" onClick={() => onOpen(number)}>
                    {number}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, cells]) => (
              <tr key={name} class={new Set(cells).size > 1 ? 'differs' : 'same'}>
                <th scope="row">{name}</th>
                {cells.map((cell, index) => (
                  <td class="number" key={shown[index]?.number}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
