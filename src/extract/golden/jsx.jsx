import React, { useEffect, useState } from "react";
import { add } from "./math";

/** One row of the list. */
export const Row = ({ item, onSelect }) => (
  <li className={item.active ? "on" : "off"} onClick={() => onSelect(item.id)}>
    {item.name} costs {"<money>"}
  </li>
);

export default function Cart({ items, children }) {
  const [total, setTotal] = useState(0);
  const handleSelect = (id) => {
    setTotal((t) => add(t, id));
  };

  useEffect(() => {
    if (items.length > 0 && !total) {
      fetchData("/prices").then(setTotal);
    }
  }, [items]);

  return (
    <ul>
      {items.map((item) => (
        <Row key={item.id} item={item} onSelect={handleSelect} />
      ))}
      {children}
    </ul>
  );
}

const Memo = React.memo(function Inner(props) {
  return <Cart {...props} />;
});

Cart.displayName = "Cart";
