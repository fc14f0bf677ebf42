import type { RowSink } from './history-row.ts';
import { emptyToNull } from './cells.ts';

/** Reads a country as ISO 3166-1 alpha-2, from its code or its English name. An unknown one is null, with a note. */
export function readCountry(cell: string, sink: Pick<RowSink, 'note'>): string | null {
  const text = emptyToNull(cell);
  if (text === null) return null;
  const code = namedCodes().has(text.toUpperCase()) ? text.toUpperCase() : namesToCodes().get(fold(text));
  if (code === undefined) {
    sink.note(`Country \`${text.slice(0, 60)}\` is not known; its rows have no country.`);
    return null;
  }
  return code;
}

let byName: Map<string, string> | undefined;

/** Names as the runtime knows them (CLDR), and those that tools write differently. */
function namesToCodes(): Map<string, string> {
  byName ??= new Map([...[...namedCodes()].map(([code, name]) => [fold(name), code] as const), ...otherNames]);
  return byName;
}

let named: Map<string, string> | undefined;

function namedCodes(): Map<string, string> {
  if (named !== undefined) return named;
  const display = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  named = new Map();
  for (const first of letters)
    for (const second of letters) {
      const code = first + second;
      const name = retired.has(code) ? undefined : display.of(code);
      if (name !== undefined) named.set(code, name);
    }
  return named;
}

/** Codes that CLDR names and that are no countries of today: they would take the name of their successor. */
const retired: ReadonlySet<string> = new Set(
  'AN BU CS DD FX NT SU TP YD YU ZR UK EU EZ UN XA XB ZZ QO AC CP CQ DG EA IC TA DY HV NH RH VD'.split(' '),
);

function fold(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/&/g, 'and')
    .replace(/[^a-z]/g, '')
    .replace(/^the/, '');
}

/** Names of ISO 3166-1, MaxMind and others that differ from those of CLDR. */
const otherNames: readonly (readonly [string, string])[] = (
  [
    ['Czech Republic', 'CZ'],
    ['Turkey', 'TR'],
    ['Türkiye', 'TR'],
    ['Macedonia', 'MK'],
    ['Swaziland', 'SZ'],
    ['Cape Verde', 'CV'],
    ['Cabo Verde', 'CV'],
    ['Ivory Coast', 'CI'],
    ["Cote d'Ivoire", 'CI'],
    ['Burma', 'MM'],
    ['Myanmar', 'MM'],
    ['Republic of Korea', 'KR'],
    ['Korea, Republic of', 'KR'],
    ["Democratic People's Republic of Korea", 'KP'],
    ["Korea, Democratic People's Republic of", 'KP'],
    ['Republic of Moldova', 'MD'],
    ['Moldova, Republic of', 'MD'],
    ['Russian Federation', 'RU'],
    ['Iran, Islamic Republic of', 'IR'],
    ['Islamic Republic of Iran', 'IR'],
    ['Viet Nam', 'VN'],
    ['Hong Kong', 'HK'],
    ['Macao', 'MO'],
    ['Macau', 'MO'],
    ['Palestine', 'PS'],
    ['Palestine, State of', 'PS'],
    ['State of Palestine', 'PS'],
    ['Syrian Arab Republic', 'SY'],
    ['Taiwan, Province of China', 'TW'],
    ['Tanzania, United Republic of', 'TZ'],
    ['United Republic of Tanzania', 'TZ'],
    ['Venezuela, Bolivarian Republic of', 'VE'],
    ['Bolivia, Plurinational State of', 'BO'],
    ['Brunei Darussalam', 'BN'],
    ["Lao People's Democratic Republic", 'LA'],
    ['Holy See', 'VA'],
    ['Holy See (Vatican City State)', 'VA'],
    ['Vatican', 'VA'],
    ['Congo', 'CG'],
    ['Republic of the Congo', 'CG'],
    ['Democratic Republic of the Congo', 'CD'],
    ['Congo, Democratic Republic of the', 'CD'],
    ['DR Congo', 'CD'],
    ['United States of America', 'US'],
    ['USA', 'US'],
    ['UK', 'GB'],
    ['Great Britain', 'GB'],
    ['Federated States of Micronesia', 'FM'],
    ['Micronesia, Federated States of', 'FM'],
    ['Falkland Islands (Malvinas)', 'FK'],
    ['East Timor', 'TL'],
    ['Bonaire, Sint Eustatius, and Saba', 'BQ'],
    ['Saint Martin', 'MF'],
    ['Saint Martin (French part)', 'MF'],
    ['Sint Maarten (Dutch part)', 'SX'],
    ['Virgin Islands, British', 'VG'],
    ['British Virgin Islands', 'VG'],
    ['Virgin Islands, U.S.', 'VI'],
    ['U.S. Virgin Islands', 'VI'],
    ['Bahamas, The', 'BS'],
    ['Gambia, The', 'GM'],
    ['Saint Kitts and Nevis', 'KN'],
    ['Saint Lucia', 'LC'],
    ['Saint Vincent and the Grenadines', 'VC'],
    ['Saint Barthélemy', 'BL'],
    ['Saint Helena', 'SH'],
    ['Saint Pierre and Miquelon', 'PM'],
    ['Trinidad and Tobago', 'TT'],
    ['Antigua and Barbuda', 'AG'],
    ['Bosnia and Herzegovina', 'BA'],
    ['Sao Tome and Principe', 'ST'],
    ['Wallis and Futuna', 'WF'],
    ['Turks and Caicos Islands', 'TC'],
    ['Svalbard and Jan Mayen', 'SJ'],
    ['Aland Islands', 'AX'],
    ['Reunion', 'RE'],
    ['Pitcairn', 'PN'],
    ['Kosovo', 'XK'],
  ] as const
).map(([name, code]) => [fold(name), code] as const);
