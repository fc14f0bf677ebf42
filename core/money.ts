/** An amount of money, exact: an integer of the currency's smallest units. */
export interface Money {
  /** Cents of EUR, whole JPY, fils of KWD. */
  minor: number;
  /** ISO 4217: `EUR` */
  currency: string;
}

/** The largest amount of an event, in smallest units, so that thousands of them add up exactly. */
export const largestAmount = 1_000_000_000_000;

/**
 * Reads an amount and its currency. Amounts are numbers or decimal texts such as `19.99`; what is finer than the smallest
 * unit is rounded, halves away from zero. Undefined if one of the two cannot be read, or the amount is too large.
 *
 * @example readMoney('19.99', 'eur') // { minor: 1999, currency: 'EUR' }
 */
export function readMoney(amount: unknown, currency: unknown): Money | undefined {
  const code = readCurrency(currency);
  const minor = code === undefined ? undefined : readMinor(amount, decimalsOf(code));
  return code === undefined || minor === undefined ? undefined : { minor, currency: code };
}

/** Returns the code in capital letters; undefined if it is none of ISO 4217. */
export function readCurrency(value: unknown): string | undefined {
  const code = typeof value === 'string' ? value.trim().toUpperCase() : '';
  return code.length === 3 && codes.has(code) ? code : undefined;
}

/** Returns the decimals of a currency: 2 for EUR, 0 for JPY, 3 for KWD. */
export function decimalsOf(currency: string): number {
  return unusualDecimals.get(currency) ?? 2;
}

/** @example formatAmount({ minor: -5, currency: 'EUR' }) // '-0.05' */
export function formatAmount({ minor, currency }: Money): string {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  return `${minor < 0 ? '-' : ''}${whole}${decimals === 0 ? '' : `.${digits.slice(-decimals)}`}`;
}

/** With an exponent, as JavaScript writes very small and very large numbers. */
const decimalText = /^([+-]?)(\d{1,30})(?:\.(\d{1,30}))?(?:e([+-]?\d{1,3}))?$/;

function readMinor(amount: unknown, decimals: number): number | undefined {
  const text = typeof amount === 'number' ? String(amount) : typeof amount === 'string' ? amount.trim() : '';
  const [, sign, whole, fraction = '', exponent = '0'] = decimalText.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const digits = BigInt(whole + fraction);
  const shift = decimals + Number(exponent) - fraction.length;
  const minor = shift >= 0 ? digits * 10n ** BigInt(shift) : roundedQuotient(digits, 10n ** BigInt(-shift));
  if (minor > BigInt(largestAmount)) return undefined;
  return sign === '-' && minor > 0n ? -Number(minor) : Number(minor);
}

function roundedQuotient(digits: bigint, divisor: bigint): bigint {
  return (2n * digits + divisor) / (2n * divisor);
}

const unusualDecimals: ReadonlyMap<string, number> = new Map(
  (
    [
      [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
      [3, 'BHD IQD JOD KWD LYD OMR TND'],
      [4, 'CLF UYW'],
    ] as const
  ).flatMap(([decimals, list]) => list.split(' ').map((code) => [code, decimals])),
);

/** ISO 4217, and BGN and ANG, which were replaced lately. */
const codes: ReadonlySet<string> = new Set(
  (
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF ' +
    'CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL ' +
    'HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD ' +
    'MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF ' +
    'SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU ' +
    'UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG'
  ).split(' '),
);
