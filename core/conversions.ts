import type { ConversionKind } from '#schemas/event.ts';

/**
 * Returns what kind of conversion a custom event is, by its name as SDKs publish it: Segment and PostHog (`Order Completed`),
 * Google Analytics (`purchase`), Dub (`lead`, `sale`), OpenPanel (`revenue`), Amplitude (`revenue_amount`). Any other event
 * with an amount is a sale, unless it is a step that shops report with the value of what it is about.
 */
export function conversionOf(name: string, minor: number | undefined): ConversionKind | null {
  const key = name.toLowerCase().replace(/[^a-z]/g, '');
  const kind = kinds.get(key) ?? (minor === undefined || noConversions.has(key) ? null : 'sale');
  return kind === 'sale' && minor !== undefined && minor < 0 ? 'refund' : kind;
}

/** Returns the amount as it is counted: that of a refund is negative, that of a lead or a cart is what it is worth. */
export function signedAmount(kind: ConversionKind | null, minor: number): number {
  return kind === 'refund' && minor > 0 ? -minor : minor;
}

/** Letters of names, without case and separators. */
const kinds: ReadonlyMap<string, ConversionKind> = new Map(
  (
    [
      ['lead', 'lead generatelead signup signedup'],
      ['cart', 'addtocart productadded addedproduct begincheckout checkoutstarted startedcheckout'],
      ['sale', 'sale purchase ordercompleted completedorder revenue revenueamount'],
      ['refund', 'refund orderrefunded refundedorder'],
    ] as const
  ).flatMap(([kind, names]) => names.split(' ').map((name): [string, ConversionKind] => [name, kind])),
);

/** Steps of the published e-commerce events that carry the value of a product, a cart or an order, and earn nothing. */
const noConversions: ReadonlySet<string> = new Set(
  (
    'viewitem viewitemlist selectitem viewcart removefromcart addtowishlist addpaymentinfo addshippinginfo viewpromotion ' +
    'selectpromotion productviewed viewedproduct productclicked productlistviewed productremoved removedproduct cartviewed ' +
    'viewedcart checkoutstepviewed checkoutstepcompleted paymentinfoentered orderupdated ordercancelled couponapplied ' +
    'couponentered productaddedtowishlist productremovedfromwishlist wishlistproductaddedtocart cartshared productshared'
  ).split(' '),
);
