/** Colours and the style sheet of the mails. Text holds a contrast of 4.5 or more on its ground, light and dark. */
export const light = {
  ground: '#f5f3ef',
  card: '#ffffff',
  ink: '#1c1917',
  soft: '#6b645c',
  line: '#e4dfd7',
  track: '#f0ece5',
  bar: '#b9aea1',
  down: '#b3261e',
  up: '#146c43',
  calm: '#3b6ea5',
  accent: '#b3461f',
  on: '#ffffff',
} as const;
export type Colour = keyof typeof light;

const dark: Record<Colour, string> = {
  ground: '#141210',
  card: '#1f1c19',
  ink: '#f3efe9',
  soft: '#a89f95',
  line: '#332e29',
  track: '#2a2622',
  bar: '#6f665d',
  down: '#ff8a80',
  up: '#6fd3a0',
  calm: '#8fb8e8',
  accent: '#f08a5d',
  on: '#1c1008',
};

const colours: readonly Colour[] = [
  'ground',
  'card',
  'ink',
  'soft',
  'line',
  'track',
  'bar',
  'down',
  'up',
  'calm',
  'accent',
  'on',
];

/** Body and Section of react-email are tables: their ground and padding stand on the cell inside. */
const groundCell = 'body,body>table,body>table>tbody>tr>td';
const narrowCell = '.narrow>tbody>tr>td';

/** Clients that know dark mode and narrow screens read this; all others show the inline style. */
export const darkStyle = [
  ':root{color-scheme:light dark;supported-color-schemes:light dark}',
  '@media(prefers-color-scheme:dark){',
  `${groundCell}{background-color:${dark.ground}!important}`,
  ...colours.map(
    (name) => `.g-${name}{background-color:${dark[name]}!important}.t-${name}{color:${dark[name]}!important}`,
  ),
  `.b-line{border-color:${dark.line}!important}`,
  // Most logos are dark on a transparent ground.
  '.logo{background-color:#ffffff!important;padding:4px 8px!important}}',
  `@media(max-width:480px){.narrow,.wide{padding:0!important}${narrowCell}{padding:20px 18px!important}.wide>tbody>tr>td{padding:10px 8px!important}}`,
].join('');

export const font = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Helvetica,Arial,sans-serif';
