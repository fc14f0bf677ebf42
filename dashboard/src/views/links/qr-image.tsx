import { encode } from 'uqr';

/** Light modules around the code; the standard requires four. */
const border = 4;

export type QrLevel = 'L' | 'M' | 'Q' | 'H';

/** A QR code as one SVG path of unit squares. */
export interface QrPath {
  d: string;
  size: number;
}

export default function QrImage({ text }: { text: string }) {
  return <QrSvg code={toPath(text, 'M')} color="#1d1a17" text={text} />;
}

export function QrSvg({ code: { d, size }, color, text }: { code: QrPath; color: string; text: string }) {
  return (
    <svg viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges" role="img" aria-label={`QR code of ${text}`}>
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path fill={color} d={d} />
    </svg>
  );
}

/** Returns the dark modules. */
export function toPath(text: string, ecc: QrLevel): QrPath {
  const { data, size } = encode(text, { ecc, border });
  const d = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { d, size };
}
