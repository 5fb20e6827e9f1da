CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (id),
  total_cents INTEGER NOT NULL CHECK (total_cents >= 0),
  state TEXT NOT NULL DEFAULT 'open'
);

CREATE TABLE order_lines (
  order_id INTEGER NOT NULL REFERENCES orders (id),
  sku TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  unit_cents INTEGER NOT NULL
);

-- What the back office shows first.
CREATE VIEW open_orders AS
  SELECT orders.id, customers.name, orders.total_cents
  FROM orders JOIN customers ON customers.id = orders.customer_id
  WHERE orders.state = 'open';
