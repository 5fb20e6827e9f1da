import { applyDiscount, type Discount } from "./discount";

export interface Line {
  sku: string;
  quantity: number;
  unitCents: number;
}

/** A customer's shopping cart before checkout. */
export class Cart {
  private lines: Line[] = [];
  private discount?: Discount;

  add(line: Line): void {
    const same = this.lines.find(({ sku }) => sku === line.sku);
    if (same) same.quantity += line.quantity;
    else this.lines.push({ ...line });
  }

  remove(sku: string): void {
    this.lines = this.lines.filter((line) => line.sku !== sku);
  }

  redeem(discount: Discount): void {
    this.discount = discount;
  }

  /** What the customer has to pay, in cents, after discounts. */
  total(): number {
    const sum = this.lines.reduce((cents, line) => cents + line.quantity * line.unitCents, 0);
    return this.discount ? applyDiscount(sum, this.discount) : sum;
  }
}
