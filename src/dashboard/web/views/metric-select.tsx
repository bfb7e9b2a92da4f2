import type { ViewChange } from '../routing.js';
import { Select } from './select.js';

interface MetricSelectProps {
  readonly label: string;
  readonly metrics: readonly string[];
  readonly metric: string;
  readonly onView: (change: ViewChange) => void;
}

/** The metric that a view is about; kept in the address. */
export function MetricSelect({ label, metrics, metric, onView }: MetricSelectProps) {
  const known = metrics.includes(metric) ? metrics : [...metrics, metric];
  return (
    <Select
      label={label}
      value={metric}
      options={known.map((name) => [name, name])}
      onChange={(metric) => onView({ metric })}
    />
  );
}
