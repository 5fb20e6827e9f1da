// The cart of Lantern 1, before TypeScript.
function Cart() {
  this.items = [];
}

Cart.prototype.add = function (sku, price) {
  this.items.push({ sku: sku, price: price });
};

Cart.prototype.total = function () {
  var total = 0;
  for (var i = 0; i < this.items.length; i++) total += this.items[i].price;
  return total;
};

module.exports = Cart;
