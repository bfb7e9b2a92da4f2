import { saveFile, toCsv, type CsvCell } from '../data/files.js';

/** Saves the chart of the figure that the button is in as a picture. */
export function PngButton({ name }: { readonly name: string }) {
  const save = (event: MouseEvent) => {
    const figure = (event.currentTarget as HTMLElement).closest('figure');
    const canvas = figure?.querySelector('canvas');
    const svg = figure?.querySelector('svg.chart');
    if (canvas) void saveCanvas(canvas, name);
    else if (svg) void saveSvg(svg as SVGSVGElement, name);
  };
  return (
    <button type="button" class="tool" onClick={save} aria-label={`Save ${name} as PNG`}>
      PNG
    </button>
  );
}

interface CsvButtonProps {
  readonly name: string;
  readonly rows: () => readonly (readonly CsvCell[])[];
}

/** Saves a table; the first row is its head. */
export function CsvButton({ name, rows }: CsvButtonProps) {
  return (
    <button
      type="button"
      class="tool"
      onClick={() => saveFile(`${name}.csv`, new Blob([toCsv(rows())], { type: 'text/csv' }))}
      aria-label={`Save ${name} as CSV`}
    >
      CSV
    </button>
  );
}

/** A chart is transparent; a picture of it stands on the colour of the page. */
async function saveCanvas(source: CanvasImageSource & { width: number; height: number }, name: string) {
  const canvas = document.createElement('canvas');
  canvas.width = source.width;
  canvas.height = source.height;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface').trim();
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(source, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  if (blob) saveFile(`${name}.png`, blob);
}

async function saveSvg(svg: SVGSVGElement, name: string) {
  const { width, height } = svg.getBoundingClientRect();
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const scale = 2;
  copy.setAttribute('width', String(width * scale));
  copy.setAttribute('height', String(height * scale));
  const url = URL.createObjectURL(new Blob([copy.outerHTML], { type: 'image/svg+xml' }));
  const image = new Image(width * scale, height * scale);
  image.src = url;
  try {
    await image.decode();
    await saveCanvas(image, name);
  } finally {
    URL.revokeObjectURL(url);
  }
}
