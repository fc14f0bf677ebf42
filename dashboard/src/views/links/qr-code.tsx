import { useState } from 'react';
import { encode } from 'uqr';
import { Field } from '../../components/field.tsx';
import { downloadFile } from '../../components/download.ts';

/** Modules around the code that stay light: readers ask for four. */
const quiet = 4;

type Correction = 'L' | 'M' | 'Q' | 'H';

/** QR code of a text, to look at and to keep. */
export default function QrCode({ text, name }: { text: string; name: string }) {
  const [ecc, setEcc] = useState<Correction>('M');
  const [colour, setColour] = useState('#1d1a17');
  const code = toPath(text, ecc);
  return (
    <div className="qr">
      <svg
        viewBox={`0 0 ${code.size} ${code.size}`}
        shapeRendering="crispEdges"
        role="img"
        aria-label={`QR code of ${text}`}
      >
        <path fill="#fff" d={`M0 0h${code.size}v${code.size}H0z`} />
        <path fill={colour} d={code.d} />
      </svg>
      <div className="form">
        <Field label="Robustness" help="A higher one survives stains and logos, and needs more room.">
          {(control) => (
            <select {...control} value={ecc} onChange={({ target }) => setEcc(target.value as Correction)}>
              <option value="L">Low (7%)</option>
              <option value="M">Medium (15%)</option>
              <option value="Q">High (25%)</option>
              <option value="H">Highest (30%)</option>
            </select>
          )}
        </Field>
        <Field label="Colour" help="Keep it dark: readers look for contrast.">
          {(control) => (
            <input {...control} type="color" value={colour} onChange={({ target }) => setColour(target.value)} />
          )}
        </Field>
        <div className="form-actions">
          <button
            type="button"
            className="quiet"
            onClick={() => downloadFile(`${name}.svg`, new Blob([toSvg(code, colour)], { type: 'image/svg+xml' }))}
          >
            Save SVG
          </button>
          <button
            type="button"
            className="quiet"
            onClick={() => void toPng(code, colour).then((blob) => downloadFile(`${name}.png`, blob))}
          >
            Save PNG
          </button>
        </div>
      </div>
    </div>
  );
}

/** Dark modules as one SVG path, each a unit square. */
function toPath(text: string, ecc: Correction): { d: string; size: number } {
  const { data, size } = encode(text, { ecc, border: quiet });
  const d = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { d, size };
}

function toSvg({ d, size }: ReturnType<typeof toPath>, colour: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="${colour}" d="${d}"/></svg>\n`
  );
}

function toPng({ d, size }: ReturnType<typeof toPath>, colour: string): Promise<Blob> {
  // Whole pixels per module: a blurred edge is what makes a code hard to read.
  const scale = Math.ceil(1024 / size);
  const canvas = document.createElement('canvas');
  canvas.width = size * scale;
  canvas.height = size * scale;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no images');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.fillStyle = colour;
  context.fill(new Path2D(d));
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the image could not be made'))), 'image/png'),
  );
}
