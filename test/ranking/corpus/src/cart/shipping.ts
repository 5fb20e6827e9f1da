import type { Line } from "./cart";

const FREE_FROM_CENTS = 5000;

const ratesByCountry: Record<string, number> = { DE: 490, AT: 790, CH: 1290 };

/** Postage for a parcel, in cents; free above fifty euros. */
export function shippingCost(lines: Line[], country: string): number {
  const worth = lines.reduce((sum, line) => sum + line.quantity * line.unitCents, 0);
  if (worth >= FREE_FROM_CENTS) return 0;
  const rate = ratesByCountry[country];
  if (rate === undefined) throw new Error(`we do not deliver to ${country}`);
  return rate;
}
