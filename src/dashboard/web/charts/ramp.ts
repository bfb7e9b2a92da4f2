/**
 * Colours from little (0, dark blue) to much (1, yellow): cividis, which looks the same with and without colour
 * blindness and grows evenly in brightness (J. Nuñez, C. Anderton and R. Renslow, PLOS ONE 2018).
 */
const stops = [
  '#00224e',
  '#123570',
  '#3b496c',
  '#575d6d',
  '#707173',
  '#8a8678',
  '#a59c74',
  '#c3b369',
  '#e1cc55',
  '#fee838',
];

export function ramp(share: number): string {
  const position = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const below = Math.floor(position);
  const [a = '', b = a] = [stops[below], stops[below + 1]];
  const part = position - below;
  const channel = (at: number) => {
    const [from, to] = [a, b].map((colour) => parseInt(colour.slice(at, at + 2), 16)) as [number, number];
    return Math.round(from + (to - from) * part)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
