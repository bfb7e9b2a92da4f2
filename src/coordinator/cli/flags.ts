import { InvalidArgumentError } from 'commander';

/** Readers of flags. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  return inRange(text, 1, 1_024);
}

export function wholeNumber(text: string): number {
  return inRange(text, 0, 1_024);
}

/** 0 takes any that is free. */
export function portNumber(text: string): number {
  return inRange(text, 0, 65_535);
}

/** JetStream keeps up to five copies; two and four are no safer than one less. */
export function replicas(text: string): number {
  return inRange(text, 1, 5);
}

/** Of this machine, to listen on. */
export function address(text: string): string {
  if (!/^[0-9A-Za-z.:-]+$/.test(text))
    throw new InvalidArgumentError('It is an address such as 0.0.0.0 or 10.0.0.5.');
  return text;
}

export function wholeBetween(low: number, high: number): (text: string) => number {
  return (text) => inRange(text, low, high);
}

export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = numberOf(text);
    if (!(value >= low && value <= high))
      throw new InvalidArgumentError(`It must be a number from ${low} to ${high}.`);
    return value;
  };
}

function inRange(text: string, low: number, high: number): number {
  const value = numberOf(text);
  if (!Number.isInteger(value) || value < low || value > high)
    throw new InvalidArgumentError(`It must be a whole number from ${low} to ${high}.`);
  return value;
}

function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}
