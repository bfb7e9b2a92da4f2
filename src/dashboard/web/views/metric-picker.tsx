interface MetricPickerProps {
  readonly metrics: readonly string[];
  readonly shown: readonly string[];
  /** In the order of `metrics`; never empty. */
  readonly onChange: (shown: readonly string[]) => void;
}

/** Which metrics have a chart. */
export function MetricPicker({ metrics, shown, onChange }: MetricPickerProps) {
  const toggle = (metric: string) => {
    const next = metrics.filter((name) => shown.includes(name) !== (name === metric));
    if (next.length > 0) onChange(next);
  };
  return (
    <fieldset class="chips">
      <legend class="visually-hidden">Metrics shown</legend>
      {metrics.map((metric) => (
        <label key={metric} class="chip">
          <input type="checkbox" checked={shown.includes(metric)} onChange={() => toggle(metric)} />
          {metric}
        </label>
      ))}
    </fieldset>
  );
}
