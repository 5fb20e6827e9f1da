export interface Discount {
  code: string;
  kind: "percent" | "amount";
  value: number;
  expires?: Date;
}

export class DiscountExpired extends Error {
  constructor(code: string) {
    super(`discount code ${code} has expired`);
  }
}

/** Lowers a sum of cents; never below zero. */
export function applyDiscount(cents: number, discount: Discount, today = new Date()): number {
  if (discount.expires && discount.expires < today) throw new DiscountExpired(discount.code);
  const off = discount.kind === "percent" ? Math.round((cents * discount.value) / 100) : discount.value;
  return Math.max(0, cents - off);
}
