import { useEffect, useState } from 'preact/hooks';
import type { TrialsAnswer } from '../../api/trials.js';
import { count } from '../data/format.js';
import type { SweepModel } from '../live/sweep-model.js';
import { question, useAnswer } from '../live/use-answer.js';
import type { ViewChange } from '../routing.js';

interface FilterBarProps {
  readonly model: SweepModel;
  readonly where: string | undefined;
  readonly onView: (change: ViewChange) => void;
}

/** Which trials all views are about: an expression over parameters, metrics and state. */
export function FilterBar({ model, where, onView }: FilterBarProps) {
  const [text, setText] = useState(where ?? '');
  useEffect(() => setText(where ?? ''), [where]);
  const { data, error } = useAnswer<TrialsAnswer>(
    model,
    where === undefined ? undefined : question('trials', { where, limit: 1 }),
  );
  const apply = () => onView({ where: text.trim() === '' ? undefined : text.trim() });
  return (
    <form
      class="filter-bar"
      role="search"
      data-matching={where === undefined ? undefined : data?.total}
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <label>
        <span class="muted">Filter</span>
        <input
          type="text"
          value={text}
          placeholder={'accuracy > 0.9 && state == "completed"'}
          spellcheck={false}
          aria-invalid={error !== undefined}
          aria-describedby="filter-result"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onBlur={apply}
        />
      </label>
      {where !== undefined && (
        <button type="button" class="quiet" onClick={() => onView({ where: undefined })}>
          Clear
        </button>
      )}
      <span id="filter-result" role="status" class={error === undefined ? 'muted' : 'error'}>
        {where !== undefined && (error ?? (data && count(data.total, 'trial')))}
      </span>
    </form>
  );
}
