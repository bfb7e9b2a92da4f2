import { extname } from 'node:path';
import { EnvironmentError, UsageError } from '../../../support/errors.js';

/** Pixels of a PNG for each of the picture's own, where nothing is said. */
export const usualScale = 2;

/** @throws UsageError where the name of the file of a picture ends with neither .svg nor .png */
export function checkPictureName(file: string): void {
  if (!['.svg', '.png'].includes(extname(file).toLowerCase()))
    throw new UsageError(`-o: "${file}" must end with .svg or .png`);
}

/**
 * What a file of this name is to hold of a picture.
 * @param scale pixels of a PNG for each of the picture's own
 * @throws UsageError, EnvironmentError
 */
export async function pictureFor(file: string, svg: string, scale: number): Promise<string | Uint8Array> {
  checkPictureName(file);
  return extname(file).toLowerCase() === '.svg' ? svg : await pngOf(svg, scale);
}

async function pngOf(svg: string, scale: number): Promise<Uint8Array> {
  if (!(scale > 0 && scale <= 10))
    throw new UsageError(`--scale: "${scale}" must be above 0, and at most 10`);
  // Loaded where it is needed alone: every command would wait for it.
  const { Resvg } = await import('@resvg/resvg-js');
  const font = { loadSystemFonts: true, defaultFontFamily: 'DejaVu Sans' };
  const probe = new Resvg(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text x="0" y="9" font-size="9">m</text></svg>',
    { font },
  );
  if (!probe.getBBox())
    throw new EnvironmentError(
      'this machine has no font, so a PNG would have no text; write a .svg, or install one (fonts-dejavu)',
    );
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render().asPng();
}
