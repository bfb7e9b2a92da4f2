import { useEffect, useState } from 'preact/hooks';

/** Colours of the charts: those of the style sheet, which follows the system's light or dark. */
export interface ChartTheme {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly accent: string;
  readonly front: string;
  /** Told apart with every common kind of colour blindness (after Okabe and Ito, https://jfly.uni-koeln.de/color/). */
  readonly series: readonly string[];
}

function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: colour('text'),
    muted: colour('muted'),
    line: colour('line'),
    surface: colour('surface'),
    accent: colour('accent'),
    front: colour('front'),
    series: Array.from({ length: 8 }, (_, i) => colour(`series-${i}`)),
  };
}

/** The present theme; changes where the system does. */
export function useChartTheme(): ChartTheme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const follow = () => setTheme(readTheme());
    dark.addEventListener('change', follow);
    return () => dark.removeEventListener('change', follow);
  }, []);
  return theme;
}

/** A colour that lets others through. `colour` is `#rrggbb`. */
export function faded(colour: string, opacity: number): string {
  return `${colour}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
