import { useState } from 'react';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { downloadFile } from '../../components/download.ts';
import { type QrLevel, type QrPath, QrSvg, toPath } from './qr-image.tsx';

const levels = [
  { value: 'L', label: 'Low (7%)' },
  { value: 'M', label: 'Medium (15%)' },
  { value: 'Q', label: 'High (25%)' },
  { value: 'H', label: 'Highest (30%)' },
] as const satisfies readonly { value: QrLevel; label: string }[];

/** A QR code with options to change and download it. */
export default function QrCode({ text, name }: { text: string; name: string }) {
  const [level, setLevel] = useState<QrLevel>('M');
  const [color, setColor] = useState('#1d1a17');
  const code = toPath(text, level);
  return (
    <div className="qr">
      <QrSvg code={code} color={color} text={text} />
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

function toSvg({ d, size }: QrPath, color: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="${color}" d="${d}"/></svg>\n`
  );
}

function toPng({ d, size }: QrPath, color: string): Promise<Blob> {
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
