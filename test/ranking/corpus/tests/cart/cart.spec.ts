import { expect, it } from "vitest";
import { Cart } from "../../src/cart/cart";

it("adds up the total of a cart", () => {
  const cart = new Cart();
  cart.add({ sku: "mug", quantity: 2, unitCents: 900 });
  cart.add({ sku: "mug", quantity: 1, unitCents: 900 });
  expect(cart.total()).toBe(2700);
});

it("lowers the total of a cart by a discount", () => {
  const cart = new Cart();
  cart.add({ sku: "mug", quantity: 1, unitCents: 1000 });
  cart.redeem({ code: "SPRING", kind: "percent", value: 10 });
  expect(cart.total()).toBe(900);
});
