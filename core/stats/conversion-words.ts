import type { ConversionKind } from '#schemas/event.ts';

/** Formats a decimal amount with the symbol of its currency: `€1,234.50`, `¥500`. */
export function formatMoney(amount: string, currency: string): string {
  const decimals = amount.split('.')[1]?.length ?? 0;
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat('en', { style: 'currency', currency, ...digits }).format(Number(amount));
}

/** Headings of the kinds. */
export const conversionNames: Readonly<Record<ConversionKind, string>> = {
  lead: 'Leads',
  cart: 'Carts',
  sale: 'Sales',
  refund: 'Refunds',
};
