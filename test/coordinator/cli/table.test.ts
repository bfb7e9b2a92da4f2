import { describe, expect, it } from 'vitest';
import { renderTable, type Column } from '../../../src/coordinator/cli/output/table.js';

const name: Column = { title: 'sweep', cells: ['har-gru-nhidden-bs2000'], importance: 9 };
const state: Column = { title: 'state', cells: ['completed'], importance: 8 };
const reason: Column = { title: 'reason', cells: ['another coordinator has taken over'], importance: 2 };
const spread: Column = { title: '±', cells: ['±0.01'], align: 'right', importance: 1 };

describe('table', () => {
  it('table - texts are cut first, then what is least important is left out, and the name is cut last', () => {
    expect(renderTable([name, state, reason], 80)).toContain('  another coordinator has taken over\n');
    expect(renderTable([name, state, reason], 50)).toMatch(
      /nhidden-bs2000 {2}completed {2}another coordi…\n$/,
    );
    expect(renderTable([name, state, reason], 40)).toMatch(
      /nhidden-bs2000 {2}completed\n\(too narrow for: reason\)\n$/,
    );
    expect(renderTable([name, state, reason], 16)).toMatch(/\nhar-gru-nhidden…\n/);
  });

  it('table - what is left out is named, but not dozens', () => {
    const many = Array.from({ length: 12 }, (_, i): Column => ({ title: `m${i}`, cells: ['0.123456'] }));
    const text = renderTable([name, ...many.flatMap((column) => [column, spread])], 30);
    expect(text).toContain('(too narrow for: m0, m1, m2, m3, m4, m5, m6, m7 and 4 more)');
    expect(renderTable([name, spread], 24)).toContain('(too narrow for: some spreads (±))');
  });
});
