import { useQuery } from '@tanstack/react-query';
import { geoNaturalEarth1, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
// A URL, so that the shapes load with the map and are not part of the script.
import atlasUrl from 'world-atlas/countries-110m.json?url';
import { countryName } from '../../format/names.ts';
import { formatCount } from '../../format/numbers.ts';
import { Loaded } from '../../components/panel.tsx';
import { toAlpha2 } from './country-codes.ts';
import { type Measure, measureWords } from '../../format/traffic.ts';
import type { Row } from './rows.ts';

const width = 720;
const height = 372;
const antarctica = '010';

interface WorldMapProps {
  rows: readonly Row[];
  measure: Measure;
  onPick: (country: string) => void;
}

interface Shape {
  country: string | undefined;
  d: string;
}

/** Countries by color. The list of countries is its equivalent for keyboards and screen readers. */
export default function WorldMap({ rows, measure, onPick }: WorldMapProps) {
  const query = useQuery({ queryKey: ['atlas'], queryFn: loadShapes, staleTime: Infinity, gcTime: Infinity });
  const values = new Map(rows.flatMap((row) => (row.value === null ? [] : [[row.value, row[measure] ?? 0] as const])));
  const most = Math.max(1, ...values.values());
  function pathOf({ country, d }: Shape, index: number) {
    const value = country === undefined ? 0 : (values.get(country) ?? 0);
    return (
      <path
        key={index}
        d={d}
        className={`step-${colorStep(value, most)}`}
        onClick={() => country !== undefined && value > 0 && onPick(country)}
      >
        {country !== undefined && (
          <title>{`${countryName(country)}: ${formatCount(value)} ${measureWords[measure]}`}</title>
        )}
      </path>
    );
  }
  return (
    <Loaded query={query} rows={5}>
      {(shapes) => (
        <svg
          className="world"
          viewBox={`0 0 ${width} ${height}`}
          role="img"
          aria-label={`Map of ${measureWords[measure]} by country. The panel Places lists the same numbers.`}
        >
          {shapes.map(pathOf)}
        </svg>
      )}
    </Loaded>
  );
}

type Atlas = Topology<{ countries: GeometryCollection }>;

async function loadShapes(): Promise<Shape[]> {
  const response = await fetch(atlasUrl);
  if (!response.ok) throw new Error('Couldn’t load the map.');
  const atlas: Atlas = await response.json();
  return toShapes(atlas);
}

function toShapes(atlas: Atlas): Shape[] {
  const { features } = feature(atlas, atlas.objects.countries);
  const shown = features.filter(({ id }) => id !== antarctica);
  const projection = geoNaturalEarth1().fitSize([width, height], { type: 'FeatureCollection', features: shown });
  const path = geoPath(projection).digits(1);
  return shown.map((each) => ({ country: toAlpha2(String(each.id)), d: path(each) ?? '' }));
}

/** Returns 0 to 6 by the square root of the share of the largest value, so that a country with 1% is still visible. */
function colorStep(value: number, most: number): number {
  return value === 0 ? 0 : Math.max(1, Math.ceil(6 * Math.sqrt(value / most)));
}
