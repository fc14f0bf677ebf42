import { useState } from 'react';
import { encode } from 'uqr';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { downloadFile } from '../../components/download.ts';

/** Light modules around the code; the standard requires four. */
const border = 4;

const levels = [
  { value: 'L', label: 'Low (7%)' },
  { value: 'M', label: 'Medium (15%)' },
  { value: 'Q', label: 'High (25%)' },
  { value: 'H', label: 'Highest (30%)' },
] as const;
type Level = (typeof levels)[number]['value'];

/** A QR code with options to change and download it. */
export default function QrCode({ text, name }: { text: string; name: string }) {
  const [level, setLevel] = useState<Level>('M');
  const [color, setColor] = useState('#1d1a17');
  const code = toPath(text, level);
  return (
    <div className="qr">
      <svg
        viewBox={`0 0 ${code.size} ${code.size}`}
        shapeRendering="crispEdges"
        role="img"
        aria-label={`QR code of ${text}`}
      >
        <path fill="#fff" d={`M0 0h${code.size}v${code.size}H0z`} />
        <path fill={color} d={code.d} />
      </svg>
      <div className="form">
        <SelectField
          label="Error correction"
          help="Higher levels tolerate dirt and logos but need more space."
          options={levels}
          value={level}
          onChange={setLevel}
        />
        <TextField
          label="Color"
          help="Choose a dark color, so that scanners can read the code."
          type="color"
          value={color}
          onChange={setColor}
        />
        <div className="form-actions">
          <button
            type="button"
            className="quiet"
            onClick={() => downloadFile(`${name}.svg`, new Blob([toSvg(code, color)], { type: 'image/svg+xml' }))}
          >
            Download SVG
          </button>
          <button
            type="button"
            className="quiet"
            onClick={() => void toPng(code, color).then((blob) => downloadFile(`${name}.png`, blob))}
          >
            Download PNG
          </button>
        </div>
      </div>
    </div>
  );
}

/** Returns the dark modules as one SVG path of unit squares. */
function toPath(text: string, ecc: Level): { d: string; size: number } {
  const { data, size } = encode(text, { ecc, border });
  const d = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { d, size };
}

function toSvg({ d, size }: ReturnType<typeof toPath>, color: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="${color}" d="${d}"/></svg>\n`
  );
}

function toPng({ d, size }: ReturnType<typeof toPath>, color: string): Promise<Blob> {
  // Whole pixels per module, because blurred edges make a code hard to scan.
  const scale = Math.ceil(1024 / size);
  const canvas = document.createElement('canvas');
  canvas.width = size * scale;
  canvas.height = size * scale;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser has no 2D canvas');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.fillStyle = color;
  context.fill(new Path2D(d));
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('couldn’t create the image'))), 'image/png'),
  );
}
