import { type DeviceType, deviceTypes } from '#schemas/event.ts';
import tablets from './tablets.json' with { type: 'json' };
import words from './device-words.json' with { type: 'json' };
import { lowerPattern } from './name-finder.ts';

/** Evidence besides the words of the user agent. */
export interface DeviceEvidence {
  /** Name of the operating system, as in the row. */
  os: string | null;
  isRobot: boolean;
  /** Returns the kind by which the parser knows the model. Slow, so it is asked only if no word decides. */
  parsedType: () => string | undefined;
}

/**
 * Returns the kind of device: by a word in the user agent, else by its model, else by its system. A person's user agent
 * that tells nothing of its device is a desktop's, as the parser has it; a robot's is `other`.
 */
export function deviceTypeOf(userAgent: string, { os, isRobot, parsedType }: DeviceEvidence): DeviceType {
  const model = androidModel.exec(userAgent)?.[1]?.toLowerCase() ?? '';
  const lower = userAgent.toLowerCase();
  const named = kindNamedIn(lower, model);
  if (named) return named === 'desktop' && os !== null && mobileSystems.has(os) ? 'mobile' : named;
  if (os === 'Android' && / Mobile /.test(userAgent) && patterns.mobile.model.test(model)) return 'mobile';
  const parsed = parsedType();
  const known = parsed === 'smarttv' ? 'tv' : deviceTypes.find((type) => type === parsed);
  if (known && known !== 'mobile') return known;
  if (os === 'Android') return looksWide(userAgent, model) ? 'tablet' : 'mobile';
  if (known === 'mobile' || (os !== null && mobileSystems.has(os)) || patterns.mobile.agent.test(lower))
    return 'mobile';
  return os === null && isRobot ? 'other' : 'desktop';
}

/** Returns whether a word of the user agent tells the kind of its device. */
export function namesDevice(userAgent: string): boolean {
  const lower = userAgent.toLowerCase();
  return anyAgent.test(lower) || patterns.mobile.agent.test(lower);
}

/** Name of the model in `(Linux; Android 13; SM-A536B Build/…`, with or without a language before it. */
const androidModel = /Android(?: [\d.]+)?; (?:[a-z]{2}(?:[-_][A-Za-z]{2,3})?; )?([^;)]+?)(?: Build\/|[;)])/;

/** The order decides if a user agent holds words of two kinds. */
const kinds = ['console', 'wearable', 'tv', 'embedded', 'desktop', 'tablet'] as const;

function kindNamedIn(userAgent: string, model: string): DeviceType | undefined {
  if (tabletModels.has(model.replaceAll(/[ _-]+/g, ' '))) return 'tablet';
  if (!anyAgent.test(userAgent) && !anyModel.test(model)) return undefined;
  return kinds.find((kind) => patterns[kind].model.test(model) || patterns[kind].agent.test(userAgent));
}

const tabletModels: ReadonlySet<string> = new Set(tablets.models);

const patterns = {
  console: patternsOf('console'),
  wearable: patternsOf('wearable'),
  tv: patternsOf('tv'),
  embedded: patternsOf('embedded'),
  desktop: patternsOf('desktop'),
  tablet: patternsOf('tablet'),
  mobile: patternsOf('mobile'),
};

function patternsOf(kind: keyof typeof words.kinds) {
  const { agent, model } = words.kinds[kind];
  return { agent: lowerPattern(agent), model: lowerPattern(model) };
}

// Most user agents hold none of the words, and one pattern of all is tested faster than each.
const anyAgent = lowerPattern(kinds.flatMap((kind) => words.kinds[kind].agent));
const anyModel = lowerPattern(kinds.flatMap((kind) => words.kinds[kind].model));

/**
 * A browser on an Android tablet leaves out `Mobile`. So does a phone with keys, one that asks for the desktop site, and an
 * app that is no browser.
 */
function looksWide(userAgent: string, model: string): boolean {
  if (/Release\/[\d.]+ Browser\/|\(X11;/.test(userAgent)) return false;
  return /AppleWebKit(?!.*(?:Mobile|MIDP))/.test(userAgent) && !patterns.mobile.model.test(model);
}

const mobileSystems = new Set([
  'iOS',
  'Windows Phone',
  'Windows Mobile',
  'Symbian',
  'Series40',
  'BlackBerry',
  'KaiOS',
  'Bada',
  'Firefox OS',
  'Palm',
  'Maemo',
  'MeeGo',
  'Sailfish',
]);
