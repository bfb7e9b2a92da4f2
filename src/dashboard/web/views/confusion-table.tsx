import { ramp } from '../charts/ramp.js';
import type { Confusion } from '../data/confusion.js';
import { CsvButton } from './downloads.js';

/** What was taken for what: a row for each class as it is, a column for each as it was predicted. */
export function ConfusionTable({ classes, counts, number }: Confusion & { readonly number: number }) {
  return (
    <section>
      <div class="panel-head">
        <h3>Confusion matrix</h3>
        <span class="push">
          <CsvButton
            name={`trial-${number}-confusion`}
            rows={() => [['', ...classes], ...counts.map((row, index) => [classes[index], ...row])]}
          />
        </span>
      </div>
      <div class="table-scroll">
        <table class="confusion">
          <thead>
            <tr>
              <th scope="col">is, taken for →</th>
              {classes.map((name) => (
                <th scope="col" class="number" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, index) => {
              const total = row.reduce((sum, n) => sum + n, 0);
              return (
                <tr key={classes[index]}>
                  <th scope="row">{classes[index]}</th>
                  {row.map((n, column) => {
                    const share = total === 0 ? 0 : n / total;
                    return (
                      <td
                        key={column}
                        class="number"
                        style={{ background: ramp(share), color: share > 0.55 ? '#161b22' : '#ffffff' }}
                      >
                        {n}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
